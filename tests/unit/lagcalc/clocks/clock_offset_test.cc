#include "lagcalc/clocks/clock_offset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/fakes/seed.h"

namespace longspan {
namespace {

using Us = std::optional<std::int64_t>;

OffsetBounds bounds(Us low, Us high) {
  OffsetBounds out;
  if (low) out.low = OffsetBound{*low};
  if (high) out.high = OffsetBound{*high};
  return out;
}

Stamp ms_stamp(std::int64_t at_us) { return {{at_us}, 1000}; }

TEST(ClockOffset, OneSampleGivesBothBounds) {
  struct Row {
    const char* name;
    std::int64_t sent;
    std::int64_t answered;
    std::int64_t stamp;
    std::int32_t resolution;
    OffsetBounds expected;
  };
  const Row rows[] = {
      {"exact_clock", 1'000'000, 1'080'000, 1'040'000, 1, bounds(-40'000, 40'001)},
      {"milliseconds_widen_upwards", 1'000'000, 1'080'000, 1'040'000, 1000,
       bounds(-40'000, 41'000)},
      {"five_seconds_ahead", 1'000'000, 1'010'000, 6'005'000, 1000, bounds(4'995'000, 5'006'000)},
      {"behind", 9'000'000, 9'010'000, 4'000'000, 1000, bounds(-5'010'000, -4'999'000)},
      {"no_time_between", 5, 5, 5, 1, bounds(0, 1)},
  };
  for (const Row& row : rows) {
    const auto got = bounds_of({{row.sent}, {row.answered}, {{row.stamp}, row.resolution}});
    ASSERT_TRUE(got) << row.name;
    EXPECT_EQ(*got, row.expected) << row.name;
  }
}

TEST(ClockOffset, ImpossibleSamplesSayNothing) {
  EXPECT_FALSE(bounds_of({{10}, {9}, {{10}, 1}})) << "answered before it was asked";
  EXPECT_FALSE(bounds_of({{10}, {11}, {{INT64_MAX}, 1000}}));
  EXPECT_FALSE(bounds_of({{10}, {11}, {{INT64_MIN}, 1000}}));
  EXPECT_EQ(written_not_after({{INT64_MIN}, 1}, {5}), OffsetBounds{});
  EXPECT_EQ(written_not_before({{INT64_MAX}, 1}, {5}), OffsetBounds{});
}

TEST(ClockOffset, AnOrderOfEventsGivesOneSide) {
  EXPECT_EQ(written_not_after(ms_stamp(5'000), {4'000}), bounds(1'000, {}));
  EXPECT_EQ(written_not_before(ms_stamp(5'000), {4'000}), bounds({}, 2'000));
}

TEST(ClockOffset, TheTruthIsWithinASampleWhateverTheDelays) {
  for (const std::uint64_t seed : test_seeds(20)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto below = [&](std::int64_t limit) {
      return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(limit));
    };
    for (int i = 0; i < 500; ++i) {
      const std::int64_t theta = below(20'000'000) - 10'000'000;
      const std::int64_t sent = below(1'000'000'000);
      const std::int64_t written = sent + below(300'000);
      const std::int64_t answered = written + below(300'000);
      const std::int32_t unit = below(2) == 0 ? 1 : 1000;
      const std::int64_t shown = written + theta;
      const std::int64_t floored = shown - (shown % unit + unit) % unit;
      const auto got = bounds_of({{sent}, {answered}, {{floored}, unit}});
      ASSERT_TRUE(got && got->low->us <= theta && theta <= got->high->us) << i;
    }
  }
}

TEST(ClockOffset, ATimeServiceBoundsBothHosts) {
  const HostError remote{{-2'000}, {500}, {3'000}};
  const HostError own{{1'000}, {200}, {600}};
  EXPECT_EQ(error_max(remote).value, 4'000);
  EXPECT_EQ(error_max(own).value, 1'500);
  EXPECT_EQ(host_bounds(remote, own, {0}), bounds(-5'500, 5'500));
  EXPECT_EQ(host_bounds(remote, own, {1'000'000}), bounds(994'500, 1'005'500))
      << "the host's wall clock was set one second ahead";
}

TEST(ClockOffset, MostSourcesDecide) {
  struct Row {
    const char* name;
    std::vector<OffsetBounds> sources;
    OffsetBounds expected;
    std::int32_t agreeing;
  };
  const Row rows[] = {
      {"none", {}, {}, 0},
      {"one", {bounds(1, 5)}, bounds(1, 5), 1},
      {"two_that_meet", {bounds(1, 5), bounds(4, 9)}, bounds(4, 5), 2},
      {"two_that_touch", {bounds(1, 4), bounds(4, 9)}, bounds(4, 4), 2},
      {"two_that_differ_are_both_possible", {bounds(1, 3), bounds(5, 9)}, bounds(1, 9), 1},
      {"a_false_one_of_three", {bounds(1, 5), bounds(100, 101), bounds(4, 9)}, bounds(4, 5), 2},
      {"marzullo", {bounds(8, 12), bounds(11, 13), bounds(14, 15)}, bounds(11, 12), 2},
      {"a_side_is_open", {bounds(1, {}), bounds({}, 9), bounds(3, 20)}, bounds(3, 9), 3},
      {"both_open", {bounds(1, {}), bounds(2, {})}, bounds(2, {}), 2},
      {"an_empty_one_agrees_with_nobody",
       {bounds(9, 1), bounds(3, 4), bounds(3, 5)},
       bounds(3, 4),
       2},
  };
  for (const Row& row : rows) {
    const Agreement got = agreement(row.sources);
    EXPECT_EQ(got.bounds, row.expected) << row.name;
    EXPECT_EQ(got.agreeing, row.agreeing) << row.name;
  }
}

TEST(ClockOffset, ASideThatCannotBeMeasuredIsAssumed) {
  struct Row {
    const char* name;
    OffsetBounds measured;
    OffsetBounds by_order;
    std::optional<DurationUs> max_error;
    OffsetBounds expected;
  };
  const OffsetBound low{-100'000, true};
  const OffsetBound high{100'000, true};
  const Row rows[] = {
      {"measured", bounds(-500'000, 500'000), {}, kMaxErrorDefault, bounds(-500'000, 500'000)},
      {"nothing_known", {}, {}, kMaxErrorDefault, {low, high}},
      {"none_configured", {}, {}, std::nullopt, {}},
      {"none_configured_but_an_order", {}, bounds(-7, {}), std::nullopt, bounds(-7, {})},
      {"an_order_is_closer", {}, bounds(-7, {}), kMaxErrorDefault, {OffsetBound{-7}, high}},
      {"an_order_is_further", {}, bounds(-200'000, {}), kMaxErrorDefault, {low, high}},
      {"an_order_narrows_what_is_measured", bounds(-50, 50), bounds(-7, 60), kMaxErrorDefault,
       bounds(-7, 50)},
      {"an_order_refutes_the_assumption",
       {},
       bounds(150'000, {}),
       kMaxErrorDefault,
       bounds(150'000, {})},
      {"refuted_below", {}, bounds({}, -150'000), kMaxErrorDefault, bounds({}, -150'000)},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(resolved(row.measured, row.by_order, row.max_error), row.expected) << row.name;
  }
  EXPECT_TRUE((OffsetBounds{low, OffsetBound{5}}).interval().assumed);
  EXPECT_FALSE(bounds(1, 5).interval().assumed);
  EXPECT_EQ(bounds(1, 5).interval().point, DurationUs{3});
}

TEST(ClockOffset, DriftIsBothWaysAndDoesNotOverflow) {
  EXPECT_EQ(drift_us(60'000'000, 100), 6'000);
  EXPECT_EQ(drift_us(-60'000'000, 100), 6'000);
  EXPECT_EQ(drift_us(10'000, 100), 1);
  EXPECT_EQ(drift_us(2 * kTimeMaxUs, 500), 2 * kTimeMaxUs / 2'000);
}

}  // namespace
}  // namespace longspan
