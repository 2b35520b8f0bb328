#include "tracing/sampling/head_sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tests/fakes/seed.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

SteadyTime at(std::chrono::nanoseconds since) { return SteadyTime{} + since; }

struct RatioRow {
  double ratio;
  std::uint64_t first_kept;  // of 56 bits; 2^56: none
};

// Thresholds as OpenTelemetry's text has them: 25 % is th:c, 50 % th:8, 10 % th:e6666666666666.
TEST(RatioSampler, KeepsTheHighestTraceIds) {
  const RatioRow rows[] = {
      {1, 0},
      {0.5, 0x80'0000'0000'0000},
      {0.25, 0xc0'0000'0000'0000},
      {0.1, 0xe6'6666'6666'6666},
      {1 / 256.0, 0xff'0000'0000'0000},
      {0x1p-56, 0xff'ffff'ffff'ffff},
      {0, 0x100'0000'0000'0000},
  };
  for (const RatioRow& row : rows) {
    SCOPED_TRACE(row.ratio);
    const RatioSampler sampler(row.ratio);
    for (const std::uint64_t top : {std::uint64_t{0}, std::uint64_t{0xab} << 56}) {
      if (row.first_kept < 0x100'0000'0000'0000) {
        EXPECT_TRUE(sampler.keeps({7, top | row.first_kept}));
      }
      if (row.first_kept > 0) {
        EXPECT_FALSE(sampler.keeps({7, top | (row.first_kept - 1)}));
      }
    }
  }
}

TEST(RatioSampler, KeepsItsShareAndMoreWithAHigherRatio) {
  for (const std::uint64_t seed : test_seeds(5)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    const std::vector<double> ratios{0.001, 0.01, 0.3, 0.9};
    std::vector<int> kept(ratios.size());
    constexpr int kTraces = 100'000;
    for (int i = 0; i < kTraces; ++i) {
      const TraceId trace{random(), random()};
      bool was_kept = false;
      for (std::size_t r = 0; r < ratios.size(); ++r) {
        const bool keeps = RatioSampler(ratios[r]).keeps(trace);
        EXPECT_TRUE(keeps || !was_kept);
        was_kept = keeps;
        kept[r] += keeps ? 1 : 0;
      }
    }
    for (std::size_t r = 0; r < ratios.size(); ++r) {
      const double expected = ratios[r] * kTraces;
      EXPECT_NEAR(kept[r], expected, 6 * std::sqrt(expected));
    }
  }
}

TEST(RateLimit, AllowsABurstAndThenItsRate) {
  RateLimit limit(10);
  int taken = 0;
  while (limit.take(at(seconds(5)))) ++taken;
  EXPECT_EQ(taken, 10);
  EXPECT_FALSE(limit.take(at(milliseconds(5'099))));
  EXPECT_TRUE(limit.take(at(milliseconds(5'101))));
  EXPECT_FALSE(limit.take(at(milliseconds(5'101))));
  EXPECT_FALSE(limit.take(at(seconds(1))));  // a step back fills nothing
  for (taken = 0; limit.take(at(seconds(60)));) ++taken;
  EXPECT_EQ(taken, 10);
}

TEST(RateLimit, AllowsOneWhereTheRateIsLower) {
  RateLimit limit(0.5);
  EXPECT_TRUE(limit.take(at(seconds(0))));
  EXPECT_FALSE(limit.take(at(seconds(1))));
  EXPECT_TRUE(limit.take(at(seconds(2))));
  EXPECT_FALSE(limit.take(at(milliseconds(2'001))));
  EXPECT_FALSE(RateLimit(0).take(at(seconds(0))));
}

TEST(RateLimit, HoldsOverAnyTimes) {
  for (const std::uint64_t seed : test_seeds(50)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    const double rate = 1 + static_cast<double>(random() % 1000);
    RateLimit limit(rate);
    std::chrono::nanoseconds now{0};
    double taken = 0;
    for (int i = 0; i < 5'000; ++i) {
      taken += limit.take(at(now)) ? 1 : 0;
      now += std::chrono::nanoseconds(random() % 2'000'000);
    }
    const double seconds_passed = std::chrono::duration<double>(now).count();
    EXPECT_LE(taken, rate + rate * seconds_passed + 1);
    EXPECT_GE(taken, std::min(5'000.0, rate * seconds_passed) - 2);
  }
}

struct DecisionRow {
  std::string what;
  std::optional<bool> told;
  bool has_ids;
  std::uint64_t trace_low;  // of the context, or of the root
  HeadDecision expected;
};

constexpr std::uint64_t kKept = 0xff'ffff'ffff'ffff;

TEST(HeadSampler, HonoursTheParentAndDecidesRootsByRatio) {
  const DecisionRow rows[] = {
      {"told yes", true, true, 1, {true, true, HeadReason::parent}},
      {"told no", false, true, kKept, {false, false, HeadReason::parent}},
      {"deferred, kept", {}, true, kKept, {true, true, HeadReason::ratio}},
      {"deferred, not kept", {}, true, 1, {false, false, HeadReason::ratio}},
      {"root, kept", {}, false, kKept, {true, true, HeadReason::ratio}},
      {"root, not kept", {}, false, 1, {false, false, HeadReason::ratio}},
      {"a lone no", false, false, kKept, {false, false, HeadReason::parent}},
      {"a lone yes", true, false, 1, {true, true, HeadReason::parent}},
  };
  for (const DecisionRow& row : rows) {
    SCOPED_TRACE(row.what);
    HeadSampler sampler({0.5, {}});
    TraceContext context;
    context.sampled = row.told;
    // The other id would be decided the other way.
    const std::uint64_t other = row.trace_low == kKept ? 1 : kKept;
    if (row.has_ids) context.ids = SpanIds{{0, row.trace_low}, {1}};
    const TraceId root{0, row.has_ids ? other : row.trace_low};
    EXPECT_EQ(sampler.decide(context, root, at(seconds(0))), row.expected);
  }
}

TEST(HeadSampler, RecordsNothingOverTheLimitButPassesOnWhatItWasTold) {
  HeadSampler sampler({1, 1.0});
  TraceContext told;
  told.ids = SpanIds{{0, 1}, {1}};
  told.sampled = true;
  const TraceContext root;
  const TraceId trace{0, 9};
  EXPECT_TRUE(sampler.decide(told, trace, at(seconds(0))).is_recorded);
  EXPECT_EQ(sampler.decide(told, trace, at(seconds(0))),
            (HeadDecision{false, true, HeadReason::rate_limit}));
  EXPECT_EQ(sampler.decide(root, trace, at(seconds(0))),
            (HeadDecision{false, false, HeadReason::rate_limit}));
  // What is not recorded anyway costs nothing of the limit.
  told.sampled = false;
  EXPECT_EQ(sampler.decide(told, trace, at(seconds(1))).reason, HeadReason::parent);
  EXPECT_TRUE(sampler.decide(root, trace, at(seconds(1))).is_recorded);
}

}  // namespace
}  // namespace longspan
