// `longspan offsets translate` on real Kafka: what it answers for consumer groups, in both
// directions, is held against the two logs themselves, read by an independent reader. The source
// has gaps (transaction markers, aborted records); the mirror is killed and restarted; the state
// topic, in which the map is kept, is compacted.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/reader.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/workload.h"

namespace longspan::harness {
namespace {

constexpr int kGroups = 20;
constexpr int32_t kPartitions = 4;

using Pairs = std::vector<std::pair<int64_t, int64_t>>;  // offset here, offset there; both rise
struct Answer {
  int64_t offset;
  std::string kind;
};

class Offsets : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    source_.emplace(clusters().source);
    target_.emplace(clusters().target);
    source_->create({.name = topic_, .partitions = kPartitions});
    random_.seed(seed());
    file_ = Properties(clusters(), topic_)
                .of_flow(alias_)
                .set("ownership.session.timeout.ms", "3000")
                .write(folder());
  }

  void produce(size_t records) {
    produce_mixed({.bootstrap = clusters().source,
                   .topic = topic_,
                   .mix = {.seed = random_(), .partitions = kPartitions, .value_bytes_max = 100},
                   .records = records});
  }

  // Reads both logs: which record is the copy of which.
  void read_both() {
    for (int32_t p = 0; p < kPartitions; ++p) {
      const auto at = static_cast<size_t>(p);
      Comparison both = compare_copies(
          read_partition({.bootstrap = clusters().source, .topic = topic_, .partition = p}),
          read_partition({.bootstrap = clusters().target, .topic = copy_, .partition = p}));
      ASSERT_EQ(both.difference, "");
      ASSERT_FALSE(both.first_copies.empty());
      forward_[at] = std::move(both.first_copies);
      backward_[at].clear();
      for (const auto& [here, there] : forward_[at]) backward_[at].emplace_back(there, here);
    }
  }

  // The other side of the first record at or after `position`.
  static Answer expected(const Pairs& pairs, int64_t position, int64_t end_there) {
    const auto found = std::lower_bound(pairs.begin(), pairs.end(), std::pair(position, int64_t{}));
    if (found == pairs.end()) return {end_there, "ahead"};
    return {found->second, "exact"};
  }

  std::map<int32_t, int64_t> random_positions(Admin& admin, const std::string& topic) {
    std::map<int32_t, int64_t> positions;
    for (int32_t p = 0; p < kPartitions; ++p) {
      const Range kept = admin.range(topic, p);
      positions[p] = kept.start + static_cast<int64_t>(
                                      random_() % static_cast<uint64_t>(kept.end - kept.start + 1));
    }
    return positions;
  }

  // Every group commits at random on one side and is translated to the other.
  void check_groups(bool reverse) {
    Admin& here = reverse ? *target_ : *source_;
    Admin& there = reverse ? *source_ : *target_;
    const auto& pairs = reverse ? backward_ : forward_;
    for (int i = 0; i < kGroups; ++i) {
      const std::string group = unique_name("group");
      const auto positions = random_positions(here, reverse ? copy_ : topic_);
      here.commit(group, reverse ? copy_ : topic_, positions);
      std::vector<std::string> flags = {"--group", group};
      if (reverse) flags.push_back("--reverse");
      const auto json = ask_json("offsets translate", file_, flags);
      ASSERT_EQ(json.at("positions").size(), static_cast<size_t>(kPartitions)) << json;
      for (const auto& one : json.at("positions")) {
        const auto p = one.at("partition").get<int32_t>();
        const Answer answer = expected(pairs[static_cast<size_t>(p)], positions.at(p),
                                       there.range(reverse ? topic_ : copy_, p).end);
        EXPECT_EQ(one.at("source_topic"), topic_);
        EXPECT_EQ(one.at("target_topic"), copy_);
        EXPECT_EQ(one.at(reverse ? "target_offset" : "source_offset"), positions.at(p));
        EXPECT_EQ(one.value("kind", ""), answer.kind) << one;
        EXPECT_EQ(one.value(reverse ? "source_offset" : "target_offset", int64_t{-1}),
                  answer.offset)
            << one;
      }
    }
  }

  void check_both_directions(const char* when) {
    SCOPED_TRACE(when);
    read_both();
    check_groups(false);
    check_groups(true);
  }

  // Makes the brokers compact the state topic now, not in ten minutes.
  void compact_state() {
    const std::string state = "longspan." + alias_ + ".west.state.internal";
    target_->set_config(state, "min.cleanable.dirty.ratio", "0.0");
    target_->set_config(state, "max.compaction.lag.ms", "1");
    target_->set_config(state, "segment.ms", "100");
    const int32_t slots = target_->partitions(state);
    EXPECT_TRUE(eventually(kMirrorDeadline, [&] {
      for (int32_t slot = 0; slot < slots; ++slot) {
        const Range range = target_->range(state, slot);
        int64_t kept = 0;
        for_each_record({.bootstrap = clusters().target, .topic = state, .partition = slot},
                        [&](const Record&) { ++kept; });
        if (kept >= range.end) return false;
      }
      return true;
    })) << "the state topic was not compacted, so the test would prove nothing";
  }

  const std::string alias_ = unique_name("east");
  const std::string topic_ = unique_name("mapped");
  const std::string copy_ = alias_ + "." + topic_;
  std::filesystem::path file_;
  std::optional<Admin> source_;
  std::optional<Admin> target_;
  std::mt19937_64 random_;
  std::array<Pairs, kPartitions> forward_;
  std::array<Pairs, kPartitions> backward_;
};

TEST_F(Offsets, OfTwentyGroupsAreExactAfterRestartsAndCompaction) {
  produce(5000);
  auto run = std::make_unique<MirrorRun>(file_, "longspan-0");
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file_, {topic_})) << run->last_lines();
  check_both_directions("mirrored");
  run->kill_hard();
  produce(2000);
  run = std::make_unique<MirrorRun>(file_, "longspan-1");
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file_, {topic_})) << run->last_lines();
  check_both_directions("after a kill and a restart");
  compact_state();
  EXPECT_EQ(run->stop(), 0) << run->last_lines();
  check_both_directions("after compaction of the state topic, nothing running");
  produce(2000);
  run = std::make_unique<MirrorRun>(file_, "longspan-2");
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file_, {topic_})) << run->last_lines();
  check_both_directions("restored from the compacted state");
  EXPECT_EQ(run->stop(), 0) << run->last_lines();
}

// Explicit positions, one call for many; what is not mirrored is refused.
TEST_F(Offsets, OfExplicitPositions) {
  produce(500);
  MirrorRun run(file_);
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file_, {topic_})) << run.last_lines();
  read_both();
  const auto json = ask_json("offsets translate", file_,
                             {"--position", topic_ + ":0:0", "--position", topic_ + ":1:7"});
  ASSERT_EQ(json.at("positions").size(), 2u) << json;
  const Finished slip = ask("offsets translate", file_, {"--position", "nothing-like-it:0:3"});
  EXPECT_EQ(slip.exit_code, 2) << slip.out << slip.err;
  EXPECT_EQ(slip.out, "");
  for (const auto& one : json.at("positions")) {
    const auto p = one.at("partition").get<size_t>();
    EXPECT_EQ(one.at("target_offset"), expected(forward_[p], p == 0 ? 0 : 7, 0).offset) << one;
  }
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

}  // namespace
}  // namespace longspan::harness
