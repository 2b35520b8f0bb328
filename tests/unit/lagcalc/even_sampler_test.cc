#include "lagcalc/even_sampler.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/fakes/seed.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using Steady = EvenSampler::Steady;

struct Taken {
  std::int64_t records = 0;
  std::int64_t stand_for = 0;
};

// So many records, evenly over the time.
Taken run(EvenSampler& sampler, Steady& now, std::int64_t records, milliseconds time) {
  Taken out;
  const Steady start = now;
  for (std::int64_t i = 0; i < records; ++i) {
    now = start + std::chrono::duration_cast<Steady::duration>(time) * i / records;
    const auto weight = sampler.take(now);
    out.records += weight > 0;
    out.stand_for += weight;
  }
  now = start + time;
  return out;
}

TEST(EvenSampler, UpToTheBudgetEachRecordIsTakenAndStandsForItself) {
  EvenSampler sampler(1000);
  Steady now{std::chrono::hours(1)};
  const auto taken = run(sampler, now, 900 * 5, std::chrono::seconds(5));
  EXPECT_EQ(taken.records, 4500);
  EXPECT_EQ(taken.stand_for, 4500);
}

TEST(EvenSampler, AboveItSoManyAreTakenAsTheBudgetSaysAndTheyStandForAll) {
  EvenSampler sampler(1000);
  Steady now{std::chrono::hours(1)};
  run(sampler, now, 70'000, std::chrono::seconds(1));
  const auto taken = run(sampler, now, 70'000 * 10, std::chrono::seconds(10));
  EXPECT_LE(taken.records, 10'000);
  EXPECT_GE(taken.records, 9'000);
  EXPECT_NEAR(static_cast<double>(taken.stand_for), 700'000, 1'000);
}

TEST(EvenSampler, ARiseTakesLittleMoreThanTheBudget) {
  EvenSampler sampler(1000);
  Steady now{std::chrono::hours(1)};
  run(sampler, now, 50, std::chrono::seconds(1));
  const auto taken = run(sampler, now, 1'000'000, EvenSampler::kWindow);
  EXPECT_LE(taken.records, 100 + 14 * 50) << "log2(10000) halves of a window's budget";
  EXPECT_GE(taken.stand_for, 900'000);
}

TEST(EvenSampler, DearRecordsAreTakenLessOften) {
  EvenSampler sampler(1000);
  Steady now{std::chrono::hours(1)};
  std::int64_t taken = 0;
  std::int64_t stand_for = 0;
  for (int i = 0; i < 10'000; ++i) {
    now += milliseconds(1);
    const auto weight = sampler.take(now);
    if (weight == 0) continue;
    sampler.charge(19);
    ++taken;
    stand_for += weight;
  }
  EXPECT_NEAR(static_cast<double>(taken), 500, 60) << "1000 a second, each costs 20";
  EXPECT_NEAR(static_cast<double>(stand_for), 10'000, 300);
}

// A delete and its tombstone, a transaction of so many rows: what is taken is of every beat,
// however the rhythm and n go together.
TEST(EvenSampler, AStreamsRhythmIsNotThatOfWhatIsTaken) {
  for (const std::int64_t beats : {2, 4, 10, 20, 70}) {
    SCOPED_TRACE("beats=" + std::to_string(beats));
    EvenSampler sampler(1000);
    Steady now{std::chrono::hours(1)};
    run(sampler, now, 20'000, std::chrono::seconds(1));
    std::vector<std::int64_t> stand_for(static_cast<std::size_t>(beats));
    const Steady start = now;
    constexpr std::int64_t kRecords = 1'400'000;
    for (std::int64_t i = 0; i < kRecords; ++i) {
      now = start + std::chrono::microseconds(50) * i;
      stand_for[static_cast<std::size_t>(i % beats)] += sampler.take(now);
    }
    const auto fair = static_cast<double>(kRecords) / static_cast<double>(beats);
    for (const auto count : stand_for) EXPECT_NEAR(static_cast<double>(count), fair, fair / 4);
  }
}

TEST(EvenSampler, AfterAPauseEachRecordIsTakenAgain) {
  EvenSampler sampler(1000);
  Steady now{std::chrono::hours(1)};
  run(sampler, now, 100'000, std::chrono::seconds(1));
  now += std::chrono::seconds(5);
  run(sampler, now, 1, EvenSampler::kWindow);
  EXPECT_EQ(run(sampler, now, 10, EvenSampler::kWindow).records, 10);
}

TEST(EvenSampler, WithoutABudgetNoneIsTaken) {
  EvenSampler sampler(0);
  Steady now{std::chrono::hours(1)};
  EXPECT_EQ(run(sampler, now, 1000, std::chrono::seconds(1)).records, 0);
}

// However a second is filled, what is taken stands for what was there.
TEST(EvenSampler, WhatIsTakenStandsForAll) {
  for (const auto seed : test_seeds(50)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    EvenSampler sampler(static_cast<std::int64_t>(10 + random() % 1000));
    Steady now{std::chrono::hours(1)};
    std::int64_t all = 0;
    std::int64_t stand_for = 0;
    std::int64_t largest = 1;
    for (int i = 0; i < 50; ++i) {
      const auto records = static_cast<std::int64_t>(random() % 2000);
      const auto taken = run(sampler, now, records, milliseconds(1 + random() % 300));
      all += records;
      stand_for += taken.stand_for;
      if (taken.records > 0) largest = std::max(largest, taken.stand_for / taken.records);
    }
    EXPECT_NEAR(static_cast<double>(stand_for), static_cast<double>(all),
                static_cast<double>(all) / 10 + 4.0 * static_cast<double>(largest));
  }
}

}  // namespace
}  // namespace longspan
