#include "lagcalc/clocks/clock_tracker.h"

#include <gtest/gtest.h>

#include <array>
#include <type_traits>
#include <vector>

namespace longspan {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr ClockId kBroker{ClockKind::source_broker, 3};

TrackerSettings measured_only() {
  TrackerSettings settings;
  settings.max_error = std::nullopt;
  return settings;
}

// Asked at that time of a clock that is `theta` ahead; the delays are known to the test alone.
ClockSample sample(std::int64_t at, std::int64_t theta, std::int64_t forth = 5'000,
                   std::int64_t back = 5'000) {
  return {{at}, {at + forth + back}, {{at + forth + theta}, 1}};
}

bool holds(const ClockTracker& tracker, std::int64_t at, std::int64_t theta) {
  return tracker.offset({at}).bounds.interval().contains(DurationUs{theta});
}

class Tracked : public ::testing::Test {
 protected:
  // One sample a second from `from` to below `to`.
  void follow(std::int64_t from, std::int64_t to, std::int64_t theta) {
    for (std::int64_t s = from; s < to; ++s) {
      if (const auto step = tracker.add(sample(s * kSecond, theta))) steps.push_back(*step);
    }
  }
  ClockTracker tracker{kBroker, measured_only()};
  std::vector<ClockStep> steps;
};

TEST(ClockTracker, IsOfFixedSize) {
  static_assert(sizeof(ClockTracker) <= 2048);
  static_assert(std::is_trivially_copyable_v<ClockTracker>, "nothing of it is elsewhere");
}

TEST(ClockTracker, KnowsNothingBeforeItsFirstSample) {
  EXPECT_EQ(ClockTracker(kBroker, measured_only()).offset({5}).bounds, OffsetBounds{});
  const DurationInterval assumed = ClockTracker(kBroker).offset({5}).bounds.interval();
  EXPECT_EQ(assumed,
            (DurationInterval{DurationUs{-100'000}, DurationUs{0}, DurationUs{100'000}, true}));
}

TEST_F(Tracked, TheNarrowestOfEachWindowCounts) {
  tracker.add(sample(0, 700, 40'000, 60'000));
  tracker.add(sample(1 * kSecond, 700, 1'000, 2'000));
  tracker.add(sample(2 * kSecond, 700, 90'000, 10'000));
  const OffsetBounds bounds = tracker.offset({2 * kSecond}).bounds;
  EXPECT_LT(bounds.width_us(), 3'300);
  EXPECT_TRUE(holds(tracker, 2 * kSecond, 700));
}

TEST_F(Tracked, BoundsWidenWithAge) {
  follow(0, 1, 0);
  const std::int64_t fresh = tracker.offset({kSecond}).bounds.width_us();
  EXPECT_EQ(tracker.offset({101 * kSecond}).bounds.width_us(), fresh + 2 * 100 * 100);
  EXPECT_EQ(tracker.offset({1'000 * kSecond}).bounds, OffsetBounds{}) << "too old";
}

TEST_F(Tracked, ADriftingClockIsFollowed) {
  for (std::int64_t s = 0; s < 600; ++s) {
    EXPECT_FALSE(tracker.add(sample(s * kSecond, 100 * s)));
    EXPECT_TRUE(holds(tracker, s * kSecond, 100 * s)) << s;
  }
  EXPECT_EQ(tracker.counts().outliers + tracker.counts().shifts, 0u);
}

TEST_F(Tracked, AStepIsConfirmedBySecondEvidence) {
  follow(0, 30, 2'000);
  follow(30, 31, 502'000);
  EXPECT_TRUE(steps.empty());
  EXPECT_TRUE(tracker.is_in_doubt());
  EXPECT_TRUE(holds(tracker, 30 * kSecond, 2'000)) << "until then it reaches over both";
  EXPECT_TRUE(holds(tracker, 30 * kSecond, 502'000));
  follow(31, 32, 502'000);
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].clock, kBroker);
  EXPECT_EQ(steps[0].at, Instant{30 * kSecond + 10'000});
  EXPECT_TRUE(steps[0].size.contains(DurationUs{500'000}));
  EXPECT_LE(steps[0].size.width()->value, 25'000);
  EXPECT_FALSE(tracker.is_in_doubt());
  EXPECT_FALSE(holds(tracker, 32 * kSecond, 2'000)) << "the history was dropped";
  EXPECT_TRUE(holds(tracker, 32 * kSecond, 502'000));
  EXPECT_EQ(tracker.counts().steps, 1u);
}

TEST_F(Tracked, AStepBackIsNegative) {
  follow(0, 30, 0);
  follow(30, 32, -700'000);
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_TRUE(steps[0].size.contains(DurationUs{-700'000}));
  EXPECT_LT(steps[0].size.high->value, 0);
}

TEST_F(Tracked, AnOutlierIsNoStep) {
  follow(0, 30, 0);
  follow(30, 31, 900'000);
  follow(31, 40, 0);
  EXPECT_TRUE(steps.empty());
  EXPECT_EQ(tracker.counts().outliers, 1u);
  EXPECT_FALSE(tracker.is_in_doubt());
  EXPECT_FALSE(holds(tracker, 40 * kSecond, 900'000));
}

TEST_F(Tracked, DoubtReachesOverAllThatDoesNotFit) {
  follow(0, 30, 0);
  follow(30, 31, 300'000);
  follow(31, 32, 900'000);
  for (const std::int64_t theta : {0, 300'000, 900'000}) {
    EXPECT_TRUE(holds(tracker, 32 * kSecond, theta)) << theta;
  }
  EXPECT_FALSE(tracker.offset({32 * kSecond}).epoch) << "stamps are not subtracted meanwhile";
}

TEST_F(Tracked, AClockDriftsDuringALongExchange) {
  tracker.add(sample(0, 0, 5 * kSecond, 5 * kSecond));
  EXPECT_EQ(tracker.offset({10 * kSecond}).bounds,
            (OffsetBounds{OffsetBound{-5'001'000}, OffsetBound{5'001'001}}));
}

TEST_F(Tracked, AStepSmallerThanTheRoundTripDropsTheHistory) {
  follow(0, 30, 0);
  follow(30, 40, 7'000);  // round trip 10 ms, all but the margin in one direction
  EXPECT_TRUE(steps.empty()) << "another route would look the same";
  EXPECT_EQ(tracker.counts().shifts, 1u);
  EXPECT_TRUE(holds(tracker, 40 * kSecond, 7'000));
}

TEST_F(Tracked, ALongerRoundTripIsNoShift) {
  follow(0, 30, 0);
  for (std::int64_t s = 30; s < 60; ++s) tracker.add(sample(s * kSecond, 0, 5'000, 45'000));
  EXPECT_EQ(tracker.counts().shifts + tracker.counts().outliers, 0u);
  EXPECT_TRUE(holds(tracker, 60 * kSecond, 0));
}

TEST_F(Tracked, DoubtEndsWithinTwoWindows) {
  follow(0, 30, 0);
  follow(30, 31, 500'000);
  // All else is too slow to tell.
  for (std::int64_t s = 31; s < 60; ++s) {
    tracker.add(sample(s * kSecond, 500'000, 900'000, 900'000));
    EXPECT_TRUE(holds(tracker, (s + 2) * kSecond, 500'000)) << s;
    if (s > 30 + 16) {
      EXPECT_FALSE(tracker.is_in_doubt()) << s;
    }
  }
}

TEST_F(Tracked, AnOrderThatDoesNotFitLeavesThatSideOpen) {
  follow(0, 30, 0);
  EXPECT_FALSE(tracker.add_order({OffsetBound{400'000}, {}}, {30 * kSecond}));
  const OffsetBounds bounds = tracker.offset({30 * kSecond}).bounds;
  EXPECT_FALSE(bounds.high) << "absent, never wrong";
  EXPECT_TRUE(bounds.low && bounds.low->us <= 0);
  EXPECT_FALSE(tracker.add_order({OffsetBound{400'000}, {}}, {31 * kSecond}))
      << "orders alone do not outweigh samples";
  follow(31, 33, 500'000);
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_TRUE(steps[0].size.contains(DurationUs{500'000}));
}

TEST(ClockTracker, OrdersAloneTellAStepWhereNothingElseIsKnown) {
  ClockTracker tracker(kBroker, measured_only());
  tracker.add_order({OffsetBound{-1'000}, OffsetBound{1'000}}, {0});
  EXPECT_FALSE(tracker.add_order({OffsetBound{300'000}, {}}, {kSecond}));
  const auto step = tracker.add_order({OffsetBound{300'000}, {}}, {2 * kSecond});
  ASSERT_TRUE(step);
  EXPECT_FALSE(step->size.high);
  EXPECT_FALSE(step->size.point);
  EXPECT_GT(step->size.low->value, 290'000);
}

TEST(ClockTracker, OrdersNarrowWhatIsAssumed) {
  ClockTracker tracker(kBroker);
  tracker.add_order({OffsetBound{-5'000}, {}}, {0});
  const DurationInterval offset = tracker.offset({0}).bounds.interval();
  EXPECT_EQ(offset.low, DurationUs{-5'000});
  EXPECT_EQ(offset.high, DurationUs{100'000});
  EXPECT_TRUE(offset.assumed);
}

TEST_F(Tracked, OtherSourcesAreHeardToo) {
  follow(0, 10, 0);
  const Instant now{10 * kSecond};
  const std::array<OffsetBounds, 1> host = {{{OffsetBound{-1'000}, OffsetBound{1'000}}}};
  EXPECT_EQ(tracker.offset(now, host).bounds, host[0]) << "both hold, the closer counts";
  const std::array<OffsetBounds, 1> wrong = {{{OffsetBound{80'000}, OffsetBound{90'000}}}};
  const OffsetBounds torn = tracker.offset(now, wrong).bounds;
  EXPECT_LT(torn.low->us, 0) << "one against one: both are possible";
  EXPECT_EQ(torn.high->us, 90'000);
  const std::array<OffsetBounds, 2> outvoted = {wrong[0], host[0]};
  EXPECT_EQ(tracker.offset(now, outvoted).bounds, host[0]);
  const ClockTracker silent(kBroker);
  EXPECT_EQ(silent.offset(now, host).bounds, host[0]) << "measured elsewhere, so not assumed";
}

TEST_F(Tracked, RubbishIsCountedAndLeftOut) {
  follow(0, 5, 0);
  tracker.add({{9 * kSecond}, {8 * kSecond}, {{0}, 1}});
  tracker.add({{5 * kSecond}, {6 * kSecond}, {{INT64_MAX}, 1000}});
  EXPECT_EQ(tracker.counts().impossible, 2u);
  EXPECT_EQ(tracker.counts().samples, 5u);
  EXPECT_FALSE(tracker.is_in_doubt());
}

TEST_F(Tracked, WhatHeldBeforeTheStepIsRemembered) {
  follow(0, 30, 0);
  EXPECT_FALSE(tracker.offset({30 * kSecond}).earlier);
  follow(30, 33, 500'000);
  const ClockOffset offset = tracker.offset({33 * kSecond});
  ASSERT_TRUE(offset.earlier && offset.since);
  EXPECT_EQ(offset.epoch, 1u);
  EXPECT_EQ(*offset.since, Instant{30 * kSecond + 10'000});
  EXPECT_EQ(offset.earlier->until, Instant{29 * kSecond + 10'000});
  EXPECT_TRUE(offset.earlier->bounds.interval().contains(DurationUs{0}));
  EXPECT_FALSE(offset.earlier->since);
}

}  // namespace
}  // namespace longspan
