#include "lagcalc/offset_times.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include "tests/unit/lagcalc/seeds.h"

namespace longspan {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

struct Sample {
  Offset offset;
  Stamp stamp;
};

// The list that OffsetTimes stands for.
class FullList {
 public:
  void add(Sample sample) { samples_.push_back(sample); }
  [[nodiscard]] const Sample* first_at_or_behind(Offset offset) const {
    const auto at = place(offset);
    return at == samples_.end() ? nullptr : &*at;
  }
  [[nodiscard]] const Sample* last_below(Offset offset) const {
    const auto at = place(offset);
    return at == samples_.begin() ? nullptr : &*std::prev(at);
  }
  [[nodiscard]] Offset end() const {
    return samples_.empty() ? Offset{} : samples_.back().offset.next();
  }

 private:
  [[nodiscard]] std::vector<Sample>::const_iterator place(Offset offset) const {
    return std::lower_bound(samples_.begin(), samples_.end(), offset,
                            [](const Sample& s, Offset wanted) { return s.offset < wanted; });
  }
  std::vector<Sample> samples_;
};

bool holds(const StampRange& range, const Sample& sample) {
  return range.earliest <= sample.stamp.at &&
         sample.stamp.at.value + sample.stamp.resolution_us <= range.latest.value;
}

TEST(OffsetTimes, IsExactWhileThereIsRoom) {
  OffsetTimes times(Offset{10});
  times.add({10}, {{5 * kSecond}, 1000});
  times.add({11}, {{6 * kSecond}, 1000});
  times.add({15}, {{9 * kSecond}, 1000});  // 12 to 14 are markers
  const StampRange second{{6 * kSecond}, {6 * kSecond + 1000}, 0};
  const StampRange third{{9 * kSecond}, {9 * kSecond + 1000}, 0};
  EXPECT_EQ(times.first_at_or_behind({11}), second);
  EXPECT_EQ(times.first_at_or_behind({12}), third);
  EXPECT_EQ(times.first_at_or_behind({15}), third);
  EXPECT_EQ(times.first_at_or_behind({16}), std::nullopt);
  EXPECT_EQ(times.last_below({15}), second);
  EXPECT_EQ(times.last_below({16}), third);
  EXPECT_EQ(times.newest(), TimestampUs{9 * kSecond});
}

TEST(OffsetTimes, WhatWasNotSeenIsAbsent) {
  OffsetTimes times(Offset{10});
  EXPECT_EQ(times.first_at_or_behind({10}), std::nullopt);
  EXPECT_EQ(times.newest(), std::nullopt);
  times.add({12}, {{kSecond}, 1});
  EXPECT_EQ(times.first_at_or_behind({9}), std::nullopt) << "a record at 9 may be older";
  EXPECT_TRUE(times.first_at_or_behind({10}).has_value());
  EXPECT_EQ(times.last_below({12}), std::nullopt);
  EXPECT_EQ(times.last_below({14}), std::nullopt) << "13 was not read";
  EXPECT_FALSE(times.covers({{12}, {14}}));
  times.read_up_to({14});
  EXPECT_TRUE(times.covers({{13}, {14}})) << "13 was read and is no record";
  EXPECT_FALSE(times.covers({{9}, {14}}));
  EXPECT_EQ(times.first_at_or_behind({13}), std::nullopt);
  EXPECT_TRUE(times.last_below({14}).has_value());
}

TEST(OffsetTimes, LeavesOutWhatIsReadAgain) {
  OffsetTimes times(Offset{0});
  times.add({0}, {{5 * kSecond}, 1});
  times.add({1}, {{6 * kSecond}, 1});
  times.add({0}, {{99 * kSecond}, 1});
  times.add({1}, {{99 * kSecond}, 1});
  EXPECT_EQ(times.blocks(), 2u);
  EXPECT_EQ(times.newest(), TimestampUs{6 * kSecond});
}

TEST(OffsetTimes, ForgetsBelow) {
  OffsetTimes times(Offset{0});
  for (std::int64_t i = 0; i < 10; ++i) times.add({i}, {{i * kSecond}, 1});
  times.forget_below({7});
  EXPECT_EQ(times.blocks(), 3u);
  EXPECT_EQ(times.first_at_or_behind({6}), std::nullopt);
  EXPECT_EQ(times.first_at_or_behind({7})->earliest, TimestampUs{7 * kSecond});
  EXPECT_EQ(times.last_below({7}), std::nullopt);
  times.forget_below({20});
  EXPECT_EQ(times.blocks(), 0u);
  EXPECT_EQ(times.read_to(), Offset{20});
}

TEST(OffsetTimes, ForgetsInTheMiddleOfABlock) {
  OffsetTimes times(Offset{0});
  for (std::int64_t i = 0; i < 10; ++i) times.add({i}, {{kSecond}, 1});
  times.forget_below({5});
  EXPECT_EQ(times.blocks(), 1u);
  EXPECT_EQ(times.last_below({5}), std::nullopt);
  EXPECT_TRUE(times.last_below({6}).has_value());
  EXPECT_EQ(times.first_at_or_behind({4}), std::nullopt);
  EXPECT_TRUE(times.first_at_or_behind({5}).has_value());
}

TEST(OffsetTimes, SaysHowFarStampsFallBack) {
  OffsetTimes times(Offset{0});
  times.add({0}, {{100 * kSecond}, 1});
  times.add({1}, {{40 * kSecond}, 1});
  times.add({2}, {{101 * kSecond}, 1});
  EXPECT_EQ(times.first_at_or_behind({0})->disorder_us, 0);
  EXPECT_EQ(times.first_at_or_behind({1})->disorder_us, 60 * kSecond);
  EXPECT_EQ(times.first_at_or_behind({2})->disorder_us, 0);
}

TEST(OffsetTimes, RecordsOfOneStampTakeOneBlock) {
  OffsetTimes times(Offset{0});
  for (std::int64_t i = 0; i < 100'000; ++i) times.add({i}, {{i / 5000 * kSecond}, 1000});
  EXPECT_EQ(times.blocks(), 20u);
  EXPECT_EQ(times.first_at_or_behind({12'345})->earliest, TimestampUs{2 * kSecond});
}

TEST(OffsetTimes, AnOldRecordAndOneOfTheFutureBlurOnlyThemselves) {
  for (const std::int64_t wrong : {std::int64_t{0}, 10'000'000 * kSecond}) {
    OffsetTimes times(Offset{0});
    const auto at = [&](std::int64_t i) { return i == 5'000 ? wrong : (1'000'000 + i) * kSecond; };
    for (std::int64_t i = 0; i < 10'000; ++i) times.add({i}, {{at(i)}, 1000});
    EXPECT_EQ(times.first_at_or_behind({5'000})->earliest, TimestampUs{wrong});
    for (std::int64_t back = 1; back < 4'000; ++back) {
      const auto range = times.first_at_or_behind({10'000 - back});
      const auto width = microseconds_between(range->earliest, range->latest);
      ASSERT_LE(width, (back + 4) * kSecond / 4) << back << " s old, beside " << wrong;
    }
  }
}

TEST(OffsetTimes, HoldsTheExtremesOfStamps) {
  OffsetTimes times(Offset{0});
  for (std::int64_t i = 0; i < 1000; ++i) {
    times.add({i}, {{i % 2 == 0 ? INT64_MIN : INT64_MAX}, 1000});
  }
  const auto range = times.first_at_or_behind({500});
  EXPECT_EQ(range->earliest.value, INT64_MIN);
  EXPECT_EQ(times.first_at_or_behind({999})->latest.value, INT64_MAX);
}

TEST(OffsetTimes, ForgetsTheOldestWhereABlockCannotReachOn) {
  OffsetTimes times(Offset{0});
  constexpr std::int64_t kStep = OffsetTimes::kBlockOffsets;
  for (std::int64_t i = 0; i < 1000; ++i) times.add({i * kStep}, {{i * kSecond}, 1});
  EXPECT_LE(times.blocks(), OffsetTimes::kBlocksMax);
  EXPECT_GT(times.from(), Offset{800 * kStep});
  EXPECT_EQ(times.first_at_or_behind({0}), std::nullopt);
  for (std::int64_t i = times.from().value / kStep; i < 1000; ++i) {
    const auto range = times.first_at_or_behind({i * kStep});
    EXPECT_EQ(range, (StampRange{{i * kSecond}, {i * kSecond + 1}, 0}));
    EXPECT_EQ(times.first_at_or_behind({(i - 1) * kStep + 1}).has_value(),
              (i - 1) * kStep + 1 >= times.from().value);
  }
}

enum class Order { rising, jittered, wild };

class OffsetTimesRandom : public testing::TestWithParam<std::uint64_t> {
 protected:
  // Partitions that are busy, idle for hours, and busy again, with gaps in their offsets.
  Sample next(Order order) {
    const auto pause = random_() % 100;
    now_ += static_cast<std::int64_t>(pause == 0   ? random_() % (3600 * kSecond)
                                      : pause < 50 ? random_() % 3000
                                                   : random_() % (kSecond / 10));
    offset_ = offset_ + Records{1 + (random_() % 10 == 0 ? std::int64_t(random_() % 20) : 0)};
    std::int64_t at = now_;
    if (order == Order::jittered) at -= static_cast<std::int64_t>(random_() % kSecond);
    if (order == Order::wild && random_() % 20 == 0) at = static_cast<std::int64_t>(random_() >> 2);
    const std::int32_t resolution = random_() % 50 == 0 ? 1 : 1000;
    return {offset_, {{at - at % resolution}, resolution}};
  }
  std::mt19937_64 random_{GetParam()};
  std::int64_t now_ = 1'700'000'000 * kSecond;
  Offset offset_{99};
};
INSTANTIATE_TEST_SUITE_P(Seeds, OffsetTimesRandom, testing::ValuesIn(seeds(6)));

TEST_P(OffsetTimesRandom, TheTruthLiesInTheAnswerIn4KiB) {
  SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(GetParam()));
  for (const Order order : {Order::rising, Order::jittered, Order::wild}) {
    OffsetTimes times(offset_.next());
    FullList list;
    const Offset from = times.from();
    for (int i = 0; i < 20'000; ++i) {
      const Sample sample = next(order);
      times.add(sample.offset, sample.stamp);
      list.add(sample);
      ASSERT_LE(times.bytes(), 4096u);
      if (i % 50 != 0) continue;
      const auto span = (list.end() - from).count + 3;
      const Offset asked = from + Records{std::int64_t(random_() % std::uint64_t(span))};
      const auto first = times.first_at_or_behind(asked);
      const Sample* const first_truth = list.first_at_or_behind(asked);
      ASSERT_EQ(first.has_value(), first_truth != nullptr) << asked.value;
      if (first) {
        ASSERT_TRUE(holds(*first, *first_truth)) << asked.value;
      }
      if (asked > times.read_to()) continue;
      const auto last = times.last_below(asked);
      const Sample* const last_truth = list.last_below(asked);
      ASSERT_EQ(last.has_value(), last_truth != nullptr) << asked.value;
      if (last) {
        ASSERT_TRUE(holds(*last, *last_truth)) << asked.value;
      }
    }
  }
}

TEST_P(OffsetTimesRandom, AnAnswerIsOffByAShareOfTheAge) {
  SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(GetParam()));
  OffsetTimes times(offset_.next());
  const Offset from = times.from();
  double worst = 0;
  for (int i = 0; i < 100'000; ++i) {
    const Sample sample = next(Order::rising);
    times.add(sample.offset, sample.stamp);
    if (i % 1000 != 0) continue;
    for (std::int64_t back = 1; back < (offset_ - from).count; back = back * 3 / 2 + 1) {
      const auto range = times.first_at_or_behind(offset_ - Records{back});
      const auto width = static_cast<double>(microseconds_between(range->earliest, range->latest));
      const auto age = static_cast<double>(now_ - range->earliest.value + 2000);
      worst = std::max(worst, (width - 2000) / age);
    }
  }
  RecordProperty("worst", std::to_string(worst));
  EXPECT_LE(worst, 0.25);
}

}  // namespace
}  // namespace longspan
