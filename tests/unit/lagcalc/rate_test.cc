#include "lagcalc/rate.h"

#include <gtest/gtest.h>

#include <cmath>

namespace longspan {
namespace {

TEST(RateMeter, IsAbsentUntilTwoSamples) {
  RateMeter meter;
  EXPECT_EQ(meter.per_second(), std::nullopt);
  meter.add({1000}, 500);
  EXPECT_EQ(meter.per_second(), std::nullopt);
  meter.add({1000}, 600);
  EXPECT_EQ(meter.per_second(), std::nullopt) << "the same moment tells no rate";
  meter.add({2000}, 700);
  EXPECT_DOUBLE_EQ(*meter.per_second(), 200);
}

TEST(RateMeter, AChangeShowsTo63PercentAfterOneWindow) {
  RateMeter meter(10);
  meter.add({0}, 0);
  meter.add({1000}, 100);
  std::int64_t total = 100;
  for (int second = 2; second <= 11; ++second) meter.add({second * 1000}, total += 200);
  EXPECT_NEAR(*meter.per_second(), 200 - 100 * std::exp(-1.0), 1e-9);
}

TEST(RateMeter, DoesNotDependOnHowOftenItIsFed) {
  RateMeter often(10);
  RateMeter seldom(10);
  for (RateMeter* meter : {&often, &seldom}) {
    meter->add({0}, 0);
    meter->add({1000}, 10);
  }
  for (int i = 1; i <= 100; ++i) often.add({1000 + i * 100}, 10 + i * 5);
  seldom.add({11'000}, 510);
  EXPECT_NEAR(*often.per_second(), *seldom.per_second(), 1e-9);
}

TEST(RateMeter, DecaysToZeroWhenTheTotalStops) {
  RateMeter meter(10);
  meter.add({0}, 0);
  meter.add({1000}, 1000);
  double before = *meter.per_second();
  for (int second = 2; second <= 300; ++second) {
    meter.add({second * 1000}, 1000);
    EXPECT_LE(*meter.per_second(), before);
    EXPECT_GE(*meter.per_second(), 0);
    before = *meter.per_second();
  }
  EXPECT_EQ(before, 0);
}

TEST(RateMeter, StartsAnewWhenTheTotalOrTheClockFalls) {
  RateMeter meter;
  meter.add({0}, 1000);
  meter.add({1000}, 2000);
  meter.add({2000}, 5);  // another process counts now
  EXPECT_EQ(meter.per_second(), std::nullopt);
  meter.add({3000}, 15);
  EXPECT_DOUBLE_EQ(*meter.per_second(), 10);
  meter.add({500}, 20);  // the clock stepped back
  EXPECT_EQ(meter.per_second(), std::nullopt);
  meter.add({1500}, 40);
  EXPECT_DOUBLE_EQ(*meter.per_second(), 20);
}

}  // namespace
}  // namespace longspan
