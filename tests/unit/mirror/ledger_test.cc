#include "mirror/ledger.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/fakes/seed.h"

namespace longspan {
namespace {

using Steady = std::chrono::steady_clock::time_point;
constexpr Steady kFetched{std::chrono::seconds(1)};
constexpr TimestampMs kStamp{1000};

Ledger ledger_of(std::int64_t first, std::int64_t count, std::int64_t bytes_each = 10) {
  Ledger ledger;
  for (std::int64_t i = 0; i < count; ++i) ledger.add({first + i}, kStamp, bytes_each, kFetched);
  return ledger;
}

TEST(Ledger, ContiguousRecordsFetchedTogetherAreOneRun) {
  Ledger ledger = ledger_of(5, 100);
  const auto run = ledger.take(1000);
  EXPECT_EQ(run.source_start, Offset{5});
  EXPECT_EQ(run.length, 100);
  EXPECT_EQ(run.bytes, 1000);
  EXPECT_TRUE(ledger.empty());
}

TEST(Ledger, AGapATimestampOrAnotherFetchBeginsANewRun) {
  Ledger ledger;
  ledger.add({0}, kStamp, 1, kFetched);
  ledger.add({2}, kStamp, 1, kFetched);                            // gap
  ledger.add({3}, {2000}, 1, kFetched);                            // timestamp
  ledger.add({4}, {2000}, 1, kFetched + std::chrono::seconds(1));  // fetch
  for (const auto expected : {0, 2, 3, 4}) {
    const auto run = ledger.take(10);
    EXPECT_EQ(run.source_start, Offset{expected});
    EXPECT_EQ(run.length, 1);
  }
  EXPECT_TRUE(ledger.empty());
}

TEST(Ledger, OldestIsTheFirstRecordNotYetTaken) {
  Ledger ledger = ledger_of(10, 5);
  std::ignore = ledger.take(2);
  ASSERT_TRUE(ledger.oldest());
  EXPECT_EQ(ledger.oldest()->source_start, Offset{12});
  EXPECT_EQ(ledger.oldest()->length, 3);
}

TEST(Ledger, TakesAtMostOneRunAtATime) {
  Ledger ledger = ledger_of(0, 3);
  ledger.add({10}, kStamp, 1, kFetched);
  EXPECT_EQ(ledger.take(4).length, 3);
  EXPECT_EQ(ledger.take(1).source_start, Offset{10});
}

TEST(Ledger, BytesOfACutRunAddUp) {
  Ledger ledger = ledger_of(0, 7, 3);
  std::int64_t bytes = 0;
  while (!ledger.empty()) bytes += ledger.take(2).bytes;
  EXPECT_EQ(bytes, 21);
  EXPECT_EQ(ledger.bytes(), 0);
  EXPECT_EQ(ledger.records(), 0);
}

TEST(Ledger, ClearForgetsEverything) {
  Ledger ledger = ledger_of(0, 7);
  ledger.clear();
  EXPECT_TRUE(ledger.empty());
  EXPECT_EQ(ledger.records(), 0);
  EXPECT_EQ(ledger.bytes(), 0);
  EXPECT_FALSE(ledger.oldest());
}

TEST(LedgerDeathTest, TakingFromAnEmptyOneAborts) {
  Ledger ledger;
  EXPECT_DEATH(std::ignore = ledger.take(1), "");
}

class LedgerBySeed : public testing::TestWithParam<std::uint64_t> {};

TEST_P(LedgerBySeed, GivesBackWhatWasAddedInOrder) {
  SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(GetParam()));
  std::mt19937_64 random(GetParam());
  const auto pick = [&random](std::int64_t below) {
    return std::uniform_int_distribution<std::int64_t>(0, below - 1)(random);
  };
  Ledger ledger;
  std::deque<std::pair<std::int64_t, std::int64_t>> model;  // offset, timestamp
  std::int64_t next = 0;
  std::int64_t bytes = 0;
  for (int step = 0; step < 500; ++step) {
    for (auto n = pick(5); n > 0; --n) {
      next += pick(4) == 0 ? 3 : 1;
      const auto stamp = pick(2);
      const auto size = pick(100);
      ledger.add({next}, {stamp}, size, kFetched + std::chrono::seconds(pick(2)));
      model.emplace_back(next, stamp);
      bytes += size;
    }
    if (model.empty() || pick(2) == 0) continue;
    const auto run = ledger.take(1 + pick(6));
    bytes -= run.bytes;
    for (std::int64_t i = 0; i < run.length; ++i, model.pop_front()) {
      ASSERT_EQ(model.front().first, run.source_start.value + i);
      ASSERT_EQ(model.front().second, run.timestamp.value);
    }
    ASSERT_EQ(ledger.records(), static_cast<std::int64_t>(model.size()));
    ASSERT_EQ(ledger.bytes(), bytes);
    ASSERT_EQ(ledger.empty(), model.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LedgerBySeed, testing::ValuesIn(test_seeds(30)));

}  // namespace
}  // namespace longspan
