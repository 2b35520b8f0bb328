#include "lagcalc/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "tests/unit/lagcalc/seeds.h"

namespace longspan {
namespace {

TEST(Histogram, SaysNothingWhenEmpty) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.quantile(0.5), std::nullopt);
  EXPECT_TRUE(histogram.buckets().empty());
}

TEST(Histogram, BoundsBelongToTheLowerBucket) {
  struct Row {
    double value;
    std::int32_t index;
  };
  const double base = std::exp2(1.0 / 32);
  const Row rows[] = {
      {1.0, 0},    {std::nextafter(1.0, 2.0), 1},
      {base, 1},   {std::nextafter(base, 2.0), 2},
      {2.0, 32},   {0.5, -32},
      {4.0, 64},   {std::nextafter(0.5, 1.0), -31},
      {1024, 320}, {1025, 321},
  };
  for (const Row& row : rows) {
    Histogram histogram;
    histogram.record(row.value);
    ASSERT_EQ(histogram.positive().size(), 1u) << row.value;
    EXPECT_EQ(histogram.positive()[0].index, row.index) << row.value;
    const auto bucket = histogram.buckets().at(0);
    EXPECT_LT(bucket.lower, row.value);
    EXPECT_GE(bucket.upper, row.value);
  }
}

TEST(Histogram, KeepsNegativesAndZeroApart) {
  Histogram histogram;
  histogram.record(-3.0, 2);
  histogram.record(0);
  histogram.record(Histogram::kZeroThreshold);
  histogram.record(-Histogram::kZeroThreshold);
  histogram.record(std::nextafter(Histogram::kZeroThreshold, 1.0));
  histogram.record(5.0);
  EXPECT_EQ(histogram.zero_count(), 3u);
  EXPECT_EQ(histogram.count(), 7u);
  EXPECT_NEAR(histogram.sum(), -1.0, 1e-5);
  const auto buckets = histogram.buckets();
  ASSERT_EQ(buckets.size(), 4u);
  EXPECT_LE(buckets[0].lower, -3.0);
  EXPECT_GT(buckets[0].upper, -3.0);
  EXPECT_EQ(buckets[0].count, 2u);
  for (std::size_t i = 1; i < buckets.size(); ++i) {
    EXPECT_LE(buckets[i - 1].upper, buckets[i].lower);
  }
  EXPECT_NEAR(*histogram.quantile(0), -3.0, 3.0 * 0.011);
  EXPECT_EQ(*histogram.quantile(0.5), 0.0);
  EXPECT_NEAR(*histogram.quantile(1), 5.0, 5.0 * 0.011);
}

TEST(Histogram, GoesToClassicBounds) {
  Histogram histogram;
  for (int ms = 1; ms <= 1000; ++ms) histogram.record(ms / 1000.0);
  const std::vector<double> bounds{-1, 0.25, 0.5, 1, 2};
  const auto counts = histogram.cumulative(bounds);
  EXPECT_EQ(counts[0], 0u);
  EXPECT_NEAR(static_cast<double>(counts[1]), 250, 250 * 0.011);
  EXPECT_EQ(counts[2], 500u) << "powers of two are bounds of ours";
  EXPECT_EQ(counts[3], 1000u);
  EXPECT_EQ(counts[4], histogram.count());
}

TEST(Histogram, RecordsTheExtremesOfMilliseconds) {
  Histogram histogram;
  const double far = static_cast<double>(std::numeric_limits<std::int64_t>::max()) / 1000;
  histogram.record(far, 1000);
  histogram.record(-far, 999);
  EXPECT_NEAR(histogram.sum() / far, 1.0, 1e-9);
  EXPECT_NEAR(*histogram.quantile(1) / far, 1.0, 0.011);
}

TEST(HistogramDeath, RefusesWhatIsNotFinite) {
  Histogram histogram;
  EXPECT_DEATH(histogram.record(std::numeric_limits<double>::quiet_NaN()), "assertion failed");
  EXPECT_DEATH(histogram.record(std::numeric_limits<double>::infinity()), "assertion failed");
}

class HistogramRandom : public testing::TestWithParam<std::uint64_t> {
 protected:
  // Log-normal latencies from microseconds to hours; some are negative.
  std::vector<double> values(std::size_t count) {
    std::lognormal_distribution<double> size(-2, 3);
    std::vector<double> out;
    while (out.size() < count) {
      const double value = size(random_);
      out.push_back(random_() % 10 == 0 ? -value : value);
    }
    return out;
  }
  std::mt19937_64 random_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Seeds, HistogramRandom, testing::ValuesIn(seeds(20)));

TEST_P(HistogramRandom, QuantilesAreWithin1Point1PercentOfTheTruth) {
  SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(GetParam()));
  auto truth = values(1 + random_() % 5000);
  Histogram histogram;
  for (const double value : truth) histogram.record(value);
  std::sort(truth.begin(), truth.end());
  for (const double q : {0.0, 0.01, 0.1, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
    const double rank = std::max(1.0, std::ceil(q * static_cast<double>(truth.size())));
    const double expected = truth[static_cast<std::size_t>(rank) - 1];
    const double allowed = std::abs(expected) * 0.011 + Histogram::kZeroThreshold;
    EXPECT_NEAR(*histogram.quantile(q), expected, allowed) << "q=" << q;
    const double lower = *histogram.quantile(q, Histogram::Edge::lower);
    const double upper = *histogram.quantile(q, Histogram::Edge::upper);
    EXPECT_LE(lower, expected + Histogram::kZeroThreshold) << "q=" << q;
    EXPECT_GE(upper, expected - Histogram::kZeroThreshold) << "q=" << q;
    EXPECT_LE(upper - lower, std::abs(expected) * 0.023 + Histogram::kZeroThreshold) << "q=" << q;
  }
}

TEST_P(HistogramRandom, MergingInAnyOrderIsExact) {
  SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(GetParam()));
  const auto all = values(3000);
  Histogram whole;
  std::vector<Histogram> parts(7);
  for (const double value : all) {
    whole.record(value);
    parts[random_() % parts.size()].record(value);
  }
  std::shuffle(parts.begin(), parts.end(), random_);
  Histogram merged;
  for (const Histogram& part : parts) merged.merge(part);
  EXPECT_EQ(merged, whole);
  EXPECT_EQ(merged.sum(), whole.sum());
  merged.merge(merged);
  Histogram twice;
  for (const double value : all) twice.record(value, 2);
  EXPECT_EQ(merged, twice);
}

}  // namespace
}  // namespace longspan
