// The forms in which a histogram leaves: Prometheus' native one, OpenTelemetry's, DDSketch. Each is
// read back here by the rules of its own format, without our code.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "lagcalc/ddsketch.h"
#include "lagcalc/exponential_histogram.h"
#include "lagcalc/native_histogram.h"
#include "tests/unit/lagcalc/seeds.h"

namespace longspan {
namespace {

using Counts = std::map<std::int32_t, std::uint64_t>;  // bucket index -> count, no zeros

Counts counts_of(std::span<const Histogram::IndexedCount> buckets) {
  Counts out;
  for (const auto& [index, count] : buckets) out[index] = count;
  return out;
}

Counts read_native(const NativeBuckets& buckets) {
  Counts out;
  std::int32_t index = 0;
  std::int64_t count = 0;
  auto delta = buckets.deltas.begin();
  for (const BucketSpan& span : buckets.spans) {
    index += span.offset;
    for (std::uint32_t i = 0; i < span.length; ++i, ++index) {
      count += *delta++;
      if (count != 0) out[index] = static_cast<std::uint64_t>(count);
    }
  }
  EXPECT_EQ(delta, buckets.deltas.end());
  return out;
}

Counts read_dense(const DenseCounts& dense) {
  Counts out;
  for (std::size_t i = 0; i < dense.counts.size(); ++i) {
    if (dense.counts[i] != 0) out[dense.offset + static_cast<std::int32_t>(i)] = dense.counts[i];
  }
  return out;
}

Counts shifted(const Counts& counts, std::int32_t by) {
  Counts out;
  for (const auto& [index, count] : counts) out[index + by] = count;
  return out;
}

Histogram some_histogram(std::mt19937_64& random, double negatives) {
  std::lognormal_distribution<double> size(-3, 4);
  std::bernoulli_distribution is_negative(negatives);
  Histogram out;
  for (auto left = random() % 400; left > 0; --left) {
    const double value = size(random);
    out.record(is_negative(random) ? -value : value, 1 + random() % 5);
  }
  if (random() % 2 == 0) out.record(0, random() % 9);
  return out;
}

TEST(NativeHistogram, FillsSmallGapsAndBeginsASpanBehindLargeOnes) {
  Histogram histogram;
  histogram.record(1.0, 5);                  // bucket 0
  histogram.record(std::exp2(1.9 / 32), 7);  // 2: one empty bucket before it
  histogram.record(std::exp2(4.9 / 32), 6);  // 5: two
  histogram.record(std::exp2(8.9 / 32), 1);  // 9: three
  histogram.record(-2.0, 4);                 // 32
  const NativeHistogram native = native_histogram(histogram);
  EXPECT_EQ(native.schema, 5);
  EXPECT_EQ(native.zero_threshold, 0x1p-20);
  EXPECT_EQ(native.positive.spans, (std::vector<BucketSpan>{{0, 6}, {3, 1}}));
  EXPECT_EQ(native.positive.deltas, (std::vector<std::int64_t>{5, -5, 7, -7, 0, 6, -5}));
  EXPECT_EQ(native.negative.spans, (std::vector<BucketSpan>{{32, 1}}));
  EXPECT_EQ(native.negative.deltas, (std::vector<std::int64_t>{4}));
  EXPECT_EQ(native.count, 23u);
}

TEST(NativeHistogram, OfNothingHasNoSpans) {
  NativeHistogram nothing;
  EXPECT_EQ(native_histogram(Histogram{}), nothing);
}

TEST(ExponentialHistogram, CountsBucketsFromOneLower) {
  Histogram histogram;
  histogram.record(1.0, 5);                  // (base^-1, base^0]
  histogram.record(std::exp2(1.9 / 32), 7);  // (base^1, base^2]
  const ExponentialHistogram otel = exponential_histogram(histogram);
  EXPECT_EQ(otel.scale, 5);
  EXPECT_EQ(otel.positive, (DenseCounts{-1, {5, 0, 7}}));
  EXPECT_EQ(otel.negative, DenseCounts{});
  EXPECT_EQ(otel.sum, histogram.sum());
  histogram.record(-2.0);
  EXPECT_EQ(exponential_histogram(histogram).negative, (DenseCounts{31, {1}}));
  EXPECT_EQ(exponential_histogram(histogram).sum, std::nullopt);
}

class HistogramForms : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, HistogramForms, testing::ValuesIn(seeds(50)));

TEST_P(HistogramForms, NoFormLosesACount) {
  SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(GetParam()));
  std::mt19937_64 random(GetParam());
  const Histogram histogram = some_histogram(random, 0.2);
  const Counts positive = counts_of(histogram.positive());
  const Counts negative = counts_of(histogram.negative());

  const NativeHistogram native = native_histogram(histogram);
  EXPECT_EQ(read_native(native.positive), positive);
  EXPECT_EQ(read_native(native.negative), negative);
  EXPECT_EQ(native.zero_count, histogram.zero_count());
  EXPECT_EQ(native.count, histogram.count());
  EXPECT_EQ(native.sum, histogram.sum());

  const ExponentialHistogram otel = exponential_histogram(histogram);
  EXPECT_EQ(shifted(read_dense(otel.positive), 1), positive);
  EXPECT_EQ(shifted(read_dense(otel.negative), 1), negative);
  EXPECT_EQ(otel.zero_count, histogram.zero_count());
  EXPECT_EQ(otel.count, histogram.count());

  const DdSketch sketch = dd_sketch(histogram);
  std::uint64_t count = sketch.zero_count;
  for (const auto* bins : {&sketch.positive, &sketch.negative}) {
    for (std::size_t i = 0; i < bins->size(); ++i) {
      count += (*bins)[i].count;
      if (i > 0) {
        EXPECT_LT((*bins)[i - 1].index, (*bins)[i].index);
      }
    }
    EXPECT_EQ(read_dense(dense_counts(*bins)), counts_of(*bins));
  }
  EXPECT_EQ(count, histogram.count());
}

// What sketches-go answers: the bin's lower bound times 1.01.
double bin_value(std::int32_t index) { return std::pow(1.01 / 0.99, index) * 1.01; }

double quantile(const DdSketch& sketch, double q) {
  std::vector<std::pair<double, std::uint64_t>> bins;
  std::uint64_t count = sketch.zero_count;
  for (const auto& bin : sketch.negative) bins.push_back({-bin_value(bin.index), bin.count});
  bins.push_back({0, sketch.zero_count});
  for (const auto& bin : sketch.positive) bins.push_back({bin_value(bin.index), bin.count});
  std::sort(bins.begin(), bins.end());
  count = 0;
  for (const auto& bin : bins) count += bin.second;
  const double rank = std::max(1.0, std::ceil(q * static_cast<double>(count)));
  std::uint64_t seen = 0;
  for (const auto& [value, of_value] : bins) {
    seen += of_value;
    if (static_cast<double>(seen) >= rank) return value;
  }
  return bins.back().first;
}

TEST_P(HistogramForms, ASketchIsWithin2Point1PercentOfTheTruth) {
  SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(GetParam()));
  std::mt19937_64 random(GetParam());
  std::lognormal_distribution<double> size(-2, 3);
  Histogram histogram;
  std::vector<double> truth(1 + random() % 500);
  for (double& value : truth) {
    value = random() % 8 == 0 ? -size(random) : size(random);
    histogram.record(value);
  }
  std::sort(truth.begin(), truth.end());
  const DdSketch sketch = dd_sketch(histogram);
  for (const double q : {0.0, 0.1, 0.5, 0.9, 0.99, 1.0}) {
    const double rank = std::max(1.0, std::ceil(q * static_cast<double>(truth.size())));
    const double expected = truth[static_cast<std::size_t>(rank) - 1];
    EXPECT_NEAR(quantile(sketch, q), expected,
                std::abs(expected) * 0.021 + Histogram::kZeroThreshold);
  }
}

// tests/fixtures/ddsketch/make_vectors.py
struct SketchVectors {
  std::map<std::int32_t, std::int32_t> bins;  // bucket -> key
  struct Set {
    std::string name;
    std::vector<std::pair<double, std::uint64_t>> values;
    std::uint64_t zero = 0;
    Counts positive;
    Counts negative;
  };
  std::vector<Set> sets;
};

SketchVectors sketch_vectors() {
  SketchVectors out;
  std::ifstream file("tests/fixtures/ddsketch/vectors.txt");
  EXPECT_TRUE(file.is_open());
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string kind;
    std::string first;
    std::string second;
    words >> kind >> first >> second;
    if (kind == "bin") out.bins[std::stoi(first)] = std::stoi(second);
    if (kind == "set") out.sets.push_back({first, {}, 0, {}, {}});
    if (kind == "value") out.sets.back().values.push_back({std::stod(first), std::stoull(second)});
    if (kind == "zero") out.sets.back().zero = std::stoull(first);
    if (kind == "positive") out.sets.back().positive[std::stoi(first)] = std::stoull(second);
    if (kind == "negative") out.sets.back().negative[std::stoi(first)] = std::stoull(second);
  }
  return out;
}

constexpr int kHigherInPython =
    1;  // sketches-py takes the ceiling where sketches-go takes the floor

TEST(DdSketch, HasTheBinsOfAnIndependentSketch) {
  const SketchVectors vectors = sketch_vectors();
  EXPECT_GT(vectors.bins.size(), 300u);
  for (const auto& [bucket, key] : vectors.bins) {
    const auto histogram = Histogram::of({{{bucket, 2}}, {{bucket, 3}}, 0, 0});
    ASSERT_TRUE(histogram.has_value()) << bucket;
    const std::int32_t bin = key - kHigherInPython;
    EXPECT_EQ(dd_sketch(*histogram), (DdSketch{{{bin, 2}}, {{bin, 3}}, 0})) << bucket;
  }
  ASSERT_EQ(vectors.sets.size(), 3u);
  for (const auto& set : vectors.sets) {
    SCOPED_TRACE(set.name);
    Histogram histogram;
    for (const auto& [value, count] : set.values) histogram.record(value, count);
    const DdSketch sketch = dd_sketch(histogram);
    EXPECT_EQ(sketch.zero_count, set.zero);
    EXPECT_EQ(shifted(counts_of(sketch.positive), kHigherInPython), set.positive);
    EXPECT_EQ(shifted(counts_of(sketch.negative), kHigherInPython), set.negative);
  }
}

}  // namespace
}  // namespace longspan
