#include "mirror/clocks/clock_snapshot.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

constexpr DurationUs kAssumed{100'000};

ClockSnapshot assumed() {
  ClockSnapshot out;
  out.offset = {-kAssumed, DurationUs{0}, kAssumed, true};
  out.low_is_assumed = out.high_is_assumed = true;
  return out;
}

TEST(ClockSnapshot, AnOrderThatRefutesTheAssumptionTakesItsPlace) {
  ClockSnapshot clock = assumed();
  clock.learn({OffsetBound{4'900'000}, std::nullopt}, kAssumed);
  EXPECT_EQ(clock.offset.low, DurationUs{4'900'000});
  EXPECT_FALSE(clock.low_is_assumed);
  EXPECT_FALSE(clock.offset.high) << "it is not within what was assumed";
  EXPECT_FALSE(clock.offset.point);
}

TEST(ClockSnapshot, AnOrderNarrowsWhatIsAssumed) {
  ClockSnapshot clock = assumed();
  clock.learn({OffsetBound{-3'000}, std::nullopt}, kAssumed);
  EXPECT_EQ(clock.offset.low, DurationUs{-3'000});
  EXPECT_FALSE(clock.low_is_assumed);
  EXPECT_EQ(clock.offset.high, kAssumed);
  EXPECT_TRUE(clock.high_is_assumed);
}

TEST(ClockSnapshot, WhatIsMeasuredStays) {
  ClockSnapshot clock;
  clock.offset = {DurationUs{-500}, DurationUs{0}, DurationUs{500}, false};
  const ClockSnapshot before = clock;
  clock.learn({OffsetBound{4'900'000}, std::nullopt}, kAssumed);
  EXPECT_EQ(clock, before);
}

}  // namespace
}  // namespace longspan
