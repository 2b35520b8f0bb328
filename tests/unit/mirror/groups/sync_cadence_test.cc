#include "mirror/groups/sync_cadence.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <vector>

namespace longspan {
namespace {

using std::chrono::milliseconds;
using Steady = OffsetSyncCadence::Steady;
using Pairs = std::vector<OffsetPair>;

Steady at(std::int64_t ms) { return Steady(milliseconds(ms)); }

Segment run(std::int64_t source, std::int64_t target, std::int64_t length) {
  return {{source}, {target}, length};
}

OffsetPair pair(std::int64_t source, std::int64_t target) { return {{source}, {target}}; }

std::uint64_t seed() {
  const char* text = std::getenv("LONGSPAN_SEED");
  const std::uint64_t value = text != nullptr ? std::stoull(text) : std::random_device{}();
  std::cout << "LONGSPAN_SEED=" << value << "\n";
  return value;
}

// MM2's rule for one partition, written down as its OffsetSyncWriter has it: a record at a time.
class Mm2Rule {
 public:
  explicit Mm2Rule(std::int64_t lag_max) : lag_max_(lag_max) {}
  bool update(std::int64_t source, std::int64_t target) {
    const bool due = last_sync_ == -1 || target - (last_sync_ + 1) >= lag_max_ ||
                     source - previous_source_ != 1 || target < previous_target_;
    if (due) last_sync_ = target;
    previous_source_ = source;
    previous_target_ = target;
    return due;
  }

 private:
  std::int64_t lag_max_;
  std::int64_t last_sync_ = -1;
  std::int64_t previous_source_ = -1;
  std::int64_t previous_target_ = -1;
};

TEST(OffsetSyncCadence, WithoutAnIntervalItIsTheRuleOfMm2) {
  std::mt19937_64 random(seed());
  for (const std::int64_t lag_max : {0, 1, 7, 100}) {
    Mm2Rule rule(lag_max);
    OffsetSyncCadence cadence({lag_max, milliseconds(0)});
    Pairs expected;
    Pairs actual;
    std::int64_t source = 0;
    std::int64_t target = 50;
    for (int i = 0; i < 5000; ++i) {
      if (rule.update(source, target)) expected.push_back(pair(source, target));
      cadence.on_acked(run(source, target, 1));
      while (const auto due = cadence.take_due(at(i))) actual.push_back(*due);
      source += random() % 50 == 0 ? 2 + static_cast<std::int64_t>(random() % 5) : 1;
      target += random() % 400 == 0 ? -3 : 1;
    }
    EXPECT_EQ(actual, expected) << "offset.lag.max=" << lag_max;
    EXPECT_GT(expected.size(), 50U);
  }
}

TEST(OffsetSyncCadence, TheFirstPairOfALifeIsKeptBesidesTheNewest) {
  OffsetSyncCadence cadence({100, milliseconds(100)});
  EXPECT_EQ(cadence.take_due(at(0)), std::nullopt);
  EXPECT_EQ(cadence.flush(at(0)), std::nullopt);
  cadence.on_acked(run(1000, 7, 1'000'000));
  EXPECT_EQ(cadence.take_due(at(0)), pair(1000, 7));
  EXPECT_EQ(cadence.take_due(at(99)), std::nullopt) << "held back by the interval";
  EXPECT_TRUE(cadence.has_unwritten());
  EXPECT_EQ(cadence.take_due(at(100)), pair(1'000'999, 1'000'006));
  EXPECT_FALSE(cadence.has_unwritten());
}

TEST(OffsetSyncCadence, TheNewestPairWaitsForTheFlush) {
  OffsetSyncCadence cadence({100, milliseconds(100)});
  cadence.on_acked(run(0, 0, 1));
  EXPECT_EQ(cadence.take_due(at(0)), pair(0, 0));
  cadence.on_acked(run(1, 1, 100));
  EXPECT_EQ(cadence.take_due(at(1000)), std::nullopt) << "99 behind the translation of the first";
  EXPECT_EQ(cadence.flush(at(1000)), pair(100, 100));
  EXPECT_EQ(cadence.flush(at(2000)), std::nullopt) << "nothing new, nothing written";
  cadence.on_acked(run(101, 101, 101));
  EXPECT_EQ(cadence.take_due(at(3000)), pair(201, 201));
}

TEST(OffsetSyncCadence, GapsAndStepsBackAreDueAtOnce) {
  OffsetSyncCadence cadence({100, milliseconds(100)});
  cadence.on_acked(run(0, 0, 1));
  ASSERT_EQ(cadence.take_due(at(0)), pair(0, 0));
  cadence.on_acked(run(5, 1, 2));
  EXPECT_EQ(cadence.take_due(at(100)), pair(6, 2)) << "gap of the source";
  cadence.on_acked(run(7, 0, 1));
  EXPECT_EQ(cadence.take_due(at(200)), pair(7, 0)) << "the target was cut";
  cadence.on_acked(run(8, 9, 1));
  EXPECT_EQ(cadence.take_due(at(300)), std::nullopt) << "a gap of the target alone";
}

TEST(OffsetSyncCadence, AGapHeldBackByTheIntervalIsStillDueLater) {
  OffsetSyncCadence cadence({100, milliseconds(100)});
  cadence.on_acked(run(0, 0, 1));
  ASSERT_EQ(cadence.take_due(at(0)), pair(0, 0));
  cadence.on_acked(run(5, 1, 1));
  EXPECT_EQ(cadence.take_due(at(50)), std::nullopt);
  cadence.on_acked(run(6, 2, 1));  // contiguous again, the gap is still unwritten
  EXPECT_EQ(cadence.take_due(at(100)), pair(6, 2));
  cadence.on_acked(run(7, 3, 1));
  EXPECT_EQ(cadence.take_due(at(1000)), std::nullopt) << "written once";
}

TEST(OffsetSyncCadence, FlushHandsOutInOrder) {
  OffsetSyncCadence cadence({100, milliseconds(100)});
  cadence.on_acked(run(0, 0, 10));
  EXPECT_EQ(cadence.flush(at(0)), pair(0, 0));
  EXPECT_EQ(cadence.flush(at(0)), pair(9, 9));
  EXPECT_EQ(cadence.flush(at(0)), std::nullopt);
}

// A transactional source has a gap every few records; MM2 writes a sync for each of them.
TEST(OffsetSyncCadence, IsBoundedByTimeAndExactUnderManyGaps) {
  std::mt19937_64 random(seed());
  OffsetSyncCadence cadence({100, milliseconds(100)});
  std::map<std::int64_t, std::int64_t> exact;
  std::int64_t source = 0;
  std::int64_t target = 0;
  Pairs written;
  const std::int64_t duration_ms = 10'000;
  for (std::int64_t now = 0; now < duration_ms; ++now) {
    const auto length = static_cast<std::int64_t>(1 + random() % 20);
    for (std::int64_t i = 0; i < length; ++i) exact[source + i] = target + i;
    cadence.on_acked(run(source, target, length));
    source += length + 1;  // a transaction marker
    target += length;
    if (const auto due = cadence.take_due(at(now))) written.push_back(*due);
  }
  while (const auto left = cadence.flush(at(duration_ms))) written.push_back(*left);
  EXPECT_LE(written.size(), static_cast<std::size_t>(duration_ms / 100 + 1));
  EXPECT_GE(written.size(), static_cast<std::size_t>(duration_ms / 100));
  for (std::size_t i = 0; i < written.size(); ++i) {
    ASSERT_EQ(exact.at(written[i].source.value), written[i].target.value);
    if (i > 0) {
      ASSERT_LT(written[i - 1].source, written[i].source);
    }
  }
  EXPECT_EQ(written.back(), pair(source - 2, target - 1)) << "the last record is not forgotten";
}

}  // namespace
}  // namespace longspan
