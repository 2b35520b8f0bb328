#include "lagcalc/histogram_block.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/unit/lagcalc/seeds.h"

namespace longspan {
namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out += static_cast<char>(value);
  return out;
}

TEST(HistogramBlock, HasThisLayout) {
  Histogram histogram;
  EXPECT_EQ(encode_histogram(histogram), bytes({1, 0, 0, 0, 0, 0}));
  histogram.record(0, 3);
  histogram.record(1.0, 2);     // bucket 0, 639 from the first
  histogram.record(1.015625);   // 1
  histogram.record(1.0859375);  // 4
  histogram.record(-4.0);       // 64
  const std::string encoded = encode_histogram(histogram);
  // The sum is 101,562,500 ns, in zigzag twice that.
  EXPECT_EQ(encoded, bytes({1, 3,    0x88, 0xe2, 0xed, 0x60, 0,        //
                            2, 0xff, 4,    1,    1,    0,    1, 0, 0,  //
                            1, 0xbf, 5,    0,    0}));
  EXPECT_EQ(*decode_histogram(encoded), histogram);
}

TEST(HistogramBlock, KeepsTheExtremes) {
  Histogram histogram;
  histogram.record(Histogram::kMagnitudeMax, UINT64_MAX / 4);
  histogram.record(-Histogram::kMagnitudeMax);
  histogram.record(std::nextafter(Histogram::kZeroThreshold, 1.0));
  histogram.record(-std::nextafter(Histogram::kZeroThreshold, 1.0));
  EXPECT_EQ(histogram.positive().front().index, Histogram::kIndexMin);
  EXPECT_EQ(histogram.positive().back().index, Histogram::kIndexMax);
  EXPECT_EQ(*decode_histogram(encode_histogram(histogram)), histogram);
}

TEST(HistogramBlock, RefusesWhatItNeverWrites) {
  struct Row {
    const char* name;
    std::string bytes;
    const char* what;
  };
  const auto damaged = "a histogram is cut short or damaged";
  const Row rows[] = {
      {"nothing", "", "a histogram is empty"},
      {"a later version", bytes({2, 0, 0, 0, 0, 0}), "a histogram has version 2, 1 is known"},
      {"bytes behind", bytes({1, 0, 0, 0, 0, 0, 0}), damaged},
      {"a sum of nothing", bytes({1, 0, 2, 0, 0, 0}), damaged},
      {"an overlong number", bytes({1, 0x80, 0, 0, 0, 0, 0}), damaged},
      {"a bucket beyond the last", bytes({1, 0, 0, 0, 1, 0xa5, 0x12, 0, 0, 0}), damaged},
      {"a run beyond the last", bytes({1, 0, 0, 0, 1, 0xa4, 0x12, 1, 0, 0, 0}), damaged},
      {"more runs than buckets", bytes({1, 0, 0, 0, 0xff, 0xff, 3}), damaged},
      {"a count of 2^64",
       bytes({1, 0, 0, 0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0}),
       damaged},
      {"counts above 2^64",
       bytes({1, 2, 0, 0, 1, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0}),
       damaged},
  };
  for (const Row& row : rows) {
    const auto decoded = decode_histogram(row.bytes);
    ASSERT_FALSE(decoded.has_value()) << row.name;
    EXPECT_EQ(decoded.error().what, row.what) << row.name;
  }
  EXPECT_TRUE(decode_histogram(bytes({1, 0, 0, 0, 1, 0xa4, 0x12, 0, 0, 0})).has_value())
      << "the last bucket itself";
}

class HistogramBlockRandom : public testing::TestWithParam<std::uint64_t> {
 protected:
  Histogram some() {
    std::lognormal_distribution<double> size(-2, 4);
    Histogram out;
    for (auto left = random_() % 300; left > 0; --left) {
      const double value = size(random_);
      out.record(random_() % 5 == 0 ? -value : value, 1 + random_() % 1000);
    }
    return out;
  }
  std::mt19937_64 random_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Seeds, HistogramBlockRandom, testing::ValuesIn(seeds(50)));

TEST_P(HistogramBlockRandom, DecodesToWhatItWas) {
  SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(GetParam()));
  const Histogram histogram = some();
  const std::string encoded = encode_histogram(histogram);
  const auto decoded = decode_histogram(encoded);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(*decoded, histogram);
  EXPECT_EQ(encode_histogram(*decoded), encoded);
  for (std::size_t size = 0; size < encoded.size(); ++size) {
    EXPECT_FALSE(decode_histogram(encoded.substr(0, size)).has_value()) << size;
  }
}

TEST_P(HistogramBlockRandom, MergingDecodedOnesIsDecodingTheMergedOne) {
  SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(GetParam()));
  const Histogram first = some();
  const Histogram second = some();
  Histogram merged = first;
  merged.merge(second);
  auto decoded = *decode_histogram(encode_histogram(first));
  decoded.merge(*decode_histogram(encode_histogram(second)));
  EXPECT_EQ(decoded, *decode_histogram(encode_histogram(merged)));
  EXPECT_EQ(encode_histogram(decoded), encode_histogram(merged));
}

}  // namespace
}  // namespace longspan
