#include "lagcalc/histogram_difference.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>

#include "tests/unit/lagcalc/seeds.h"

namespace longspan {
namespace {

Histogram random_histogram(std::mt19937_64& random) {
  Histogram out;
  std::uniform_real_distribution<double> exponent(-7, 4);
  for (auto n = random() % 50; n > 0; --n) {
    const double size = random() % 5 == 0 ? 0 : std::pow(10, exponent(random));
    out.record(random() % 4 == 0 ? -size : size, random() % 3 + 1);
  }
  return out;
}

TEST(HistogramDifference, MergedWithTheEarlierOneIsTheLaterOne) {
  for (const auto seed : seeds(200)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    const Histogram earlier = random_histogram(random);
    const Histogram added = random_histogram(random);
    Histogram later = earlier;
    later.merge(added);
    EXPECT_EQ(difference(later, earlier), added);
    EXPECT_EQ(difference(later, later), Histogram());
    if (added.count() > 0) {
      EXPECT_EQ(difference(earlier, later), std::nullopt);
    }
  }
}

TEST(HistogramDifference, IsAbsentWhenABucketIsGone) {
  Histogram earlier;
  earlier.record(1);
  Histogram later;
  later.record(2, 5);
  EXPECT_EQ(difference(later, earlier), std::nullopt);
  later.record(1);
  EXPECT_TRUE(difference(later, earlier).has_value());
  Histogram without_zero = later;
  later.record(0);
  EXPECT_EQ(difference(without_zero, later), std::nullopt);
}

}  // namespace
}  // namespace longspan
