#include "lagcalc/lag.h"

#include <gtest/gtest.h>

#include <cmath>

namespace longspan {
namespace {

TEST(Lag, IsKnownOrSaysWhyNot) {
  struct Row {
    const char* name;
    OffsetSnapshot snapshot;
    Lag expected;
  };
  const Row rows[] = {
      {"behind", {Offset{70}, {0}, {100}}, {LagState::known, Records{30}}},
      {"caught_up", {Offset{100}, {0}, {100}}, {LagState::known, Records{0}}},
      {"at_the_log_start", {Offset{20}, {20}, {100}}, {LagState::known, Records{80}}},
      {"never_started", {std::nullopt, {0}, {100}}, {LagState::never_committed, {}}},
      {"topic_was_recreated", {Offset{101}, {0}, {100}}, {LagState::ahead_of_end, {}}},
      {"retention_overtook_reader", {Offset{19}, {20}, {100}}, {LagState::expired, Records{80}}},
      {"empty_partition", {Offset{0}, {0}, {0}}, {LagState::known, Records{0}}},
  };
  for (const Row& row : rows) EXPECT_EQ(compute_lag(row.snapshot), row.expected) << row.name;
}

TEST(CatchUpTime, IsAbsentUnlessItWillHappen) {
  struct Row {
    const char* name;
    std::int64_t lag;
    std::optional<double> mirror;
    std::optional<double> source;
    std::optional<std::int64_t> expected;
  };
  const Row rows[] = {
      {"nothing_to_do", 0, std::nullopt, std::nullopt, 0},
      {"gains_100_a_second", 1000, 150, 50, 10'000},
      {"rounds_up", 1, 3, 0, 334},
      {"keeps_pace_only", 1000, 50, 50, std::nullopt},
      {"keeps_pace_but_for_noise", 1000, 50.9, 50, std::nullopt},
      {"gains_a_little", 1000, 52, 50, 500'000},
      {"falls_behind", 1000, 10, 50, std::nullopt},
      {"mirror_rate_unknown", 1000, std::nullopt, 50, std::nullopt},
      {"source_rate_unknown", 1000, 50, std::nullopt, std::nullopt},
      {"not_in_this_century", 1'000'000'000'000'000, 150, 50, std::nullopt},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(catch_up_time({row.lag}, row.mirror, row.source), row.expected) << row.name;
  }
}

TEST(PassesWithin, TellsAQueueThatMovesFromABacklog) {
  struct Row {
    const char* name;
    std::int64_t lag;
    std::optional<double> mirror;
    std::optional<double> source;
    bool expected;
  };
  const Row rows[] = {
      {"nothing_waits", 0, std::nullopt, std::nullopt, true},
      {"a_second_of_it", 100, 100, 105, true},
      {"old_times_only", 100, 100, 0, true},
      {"source_rate_unknown", 100, 100, std::nullopt, true},
      {"an_hour_of_it_soon_read", 36'000, 10'000, 10, false},
      {"ten_seconds_of_it", 1'000, 100, 200, false},
      {"stands_still", 1, 0, 100, false},
      {"mirror_rate_unknown", 1, std::nullopt, 100, false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(passes_within({row.lag}, row.mirror, row.source, 10'000), row.expected) << row.name;
  }
}

TEST(HeadAge, IsNeverGuessedOrClamped) {
  EXPECT_EQ(head_age(TimestampMs{5000}, TimestampMs{3000}, false), 2000);
  EXPECT_EQ(head_age(TimestampMs{5000}, std::nullopt, true), 0);
  EXPECT_EQ(head_age(TimestampMs{5000}, std::nullopt, false), std::nullopt);
  EXPECT_EQ(head_age(TimestampMs{5000}, TimestampMs{6000}, false), -1000);
}

TEST(BytesLagEstimate, IsTheLagInRecordsOfTheMeanSize) {
  struct Row {
    const char* name;
    std::int64_t lag;
    std::optional<double> bytes_per_record;
    std::optional<std::int64_t> expected;
  };
  const Row rows[] = {
      {"mean size", 500, 114.4, 57'200},
      {"rounded", 3, 0.5, 2},
      {"nothing was mirrored", 500, std::nullopt, std::nullopt},
      {"nothing is missing", 0, std::nullopt, 0},
      {"records without a byte", 500, 0.0, 0},
      {"more than there is", INT64_MAX, 1e6, std::nullopt},
      {"no number", 5, std::nan(""), std::nullopt},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(bytes_lag_estimate({row.lag}, row.bytes_per_record), row.expected) << row.name;
  }
}

}  // namespace
}  // namespace longspan
