#include "mirror/step_over.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "tests/fakes/seed.h"

namespace longspan {
namespace {

enum class Answer { named, unnamed, silent };

// A log of batches, [begin, end) each; what is between them was compacted away.
struct Batch {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool is_bad = false;
};
struct Log {
  std::vector<Batch> batches;
  std::int64_t end = 0;
  Answer answer = Answer::named;
  int readings = 0;

  void read(StepOver& over) {
    ++readings;
    const auto at = over.probe().value;
    for (const Batch& batch : batches) {
      if (batch.end <= at) continue;
      if (!batch.is_bad) return over.on_readable(Offset{std::max(at, batch.begin)});
      if (answer == Answer::silent) return over.on_silence();
      if (answer == Answer::unnamed) return over.on_unreadable(std::nullopt);
      return over.on_unreadable(Offset{batch.begin});
    }
    over.on_readable(Offset{std::max(at, end)});
  }
  StepOver step_over(std::int64_t from) {
    StepOver over(Offset{from}, Offset{end});
    while (!over.is_done()) {
      read(over);
      if (readings > 5000) {
        ADD_FAILURE() << "it does not end";
        break;
      }
    }
    return over;
  }
};

void expect_range(const StepOver& over, std::int64_t from, std::int64_t to) {
  EXPECT_EQ(over.from(), Offset{from});
  EXPECT_EQ(over.to(), Offset{to});
  EXPECT_TRUE(over.is_proven());
}

TEST(StepOver, FindsTheEndOfABatch) {
  for (const std::int64_t size : {1, 2, 3, 8, 255, 256, 257, 5000}) {
    Log log{{{0, 10, false}, {10, 10 + size, true}, {10 + size, 20 + size, false}}, 20 + size};
    expect_range(log.step_over(10), 10, 10 + size);
    EXPECT_LE(log.readings, 3 + 2 * 13);
  }
}

TEST(StepOver, WhatCanBeReadNowIsNoHole) {
  Log log{{{0, 20, false}}, 20};
  const auto over = log.step_over(10);
  expect_range(over, 10, 10);
  EXPECT_EQ(log.readings, 1);
}

TEST(StepOver, BeginsInsideTheBatchWhereThePositionIs) {
  Log log{{{0, 20, true}, {20, 30, false}}, 30};
  expect_range(log.step_over(7), 7, 20);
}

TEST(StepOver, BadBatchesOneBehindTheOtherAreOneRange) {
  Log log{{{0, 10, true}, {10, 500, true}, {500, 501, true}, {501, 600, false}}, 600};
  expect_range(log.step_over(0), 0, 501);
}

// Of one record between two damaged batches, too.
TEST(StepOver, NothingReadableIsJumpedOver) {
  Log log{{{0, 10, true}, {10, 11, false}, {11, 4000, true}, {4000, 4001, false}}, 4001};
  expect_range(log.step_over(0), 0, 10);
}

TEST(StepOver, TheLogMayEndBehindIt) {
  for (const auto answer : {Answer::named, Answer::unnamed, Answer::silent}) {
    Log log{{{0, 10, false}, {10, 17, true}}, 17, answer};
    expect_range(log.step_over(10), 10, 17);
  }
}

TEST(StepOver, HolesBetweenBatchesBelongToTheRange) {
  Log log{{{12, 20, true}, {25, 30, true}, {33, 40, false}}, 40};
  expect_range(log.step_over(10), 12, 33);
}

TEST(StepOver, AnswersWithoutANameAreSteppedOverInSmallSteps) {
  Log log{{{0, 1000, true}, {1000, 1256, false}, {1256, 1300, true}}, 1300, Answer::unnamed};
  expect_range(log.step_over(0), 0, 1000);
}

TEST(StepOver, SilenceIsABatchOnlyWhereThePartitionAnswersElsewhere) {
  Log log{{{0, 10, true}, {10, 20, false}}, 20, Answer::silent};
  const auto over = log.step_over(0);
  expect_range(over, 0, 10);
  EXPECT_TRUE(over.is_guess());

  StepOver mute(Offset{0}, Offset{20});
  while (!mute.is_done()) mute.on_silence();
  EXPECT_FALSE(mute.is_proven());
  EXPECT_EQ(mute.readings(), 2);
}

TEST(StepOver, ADiskFullOfRubbishIsSteppedOverInPieces) {
  Log log{{}, 5000};
  for (int i = 0; i < 5000; ++i) log.batches.push_back({i, i + 1, true});
  const auto over = log.step_over(0);
  EXPECT_TRUE(over.is_done());
  EXPECT_GT(over.to(), Offset{200});
  EXPECT_LT(over.to(), Offset{5000});
  EXPECT_LE(log.readings, StepOver::kReadingsMax + 100);
}

// Against the log itself: the first record at or behind `from` that can be read, or the log's end.
class StepOverBySeed : public testing::TestWithParam<std::uint64_t> {};

TEST_P(StepOverBySeed, IsExactOnAnyLog) {
  std::mt19937_64 random(GetParam());
  Log log;
  const int count = std::uniform_int_distribution<int>(1, 12)(random);
  for (int i = 0; i < count; ++i) {
    log.end += std::uniform_int_distribution<int>(0, 3)(random) / 3;
    const auto size = std::int64_t{1} << std::uniform_int_distribution<int>(0, 9)(random);
    log.batches.push_back({log.end, log.end + size, i == 0 || random() % 2 == 0});
    log.end += size;
  }
  const auto first_end = log.batches.front().end;
  const auto from =
      std::uniform_int_distribution<std::int64_t>(log.batches.front().begin, first_end - 1)(random);
  std::int64_t to = log.end;
  for (const Batch& batch : log.batches) {
    if (!batch.is_bad) to = std::min(to, batch.begin);
  }
  expect_range(log.step_over(from), from, to);
}

INSTANTIATE_TEST_SUITE_P(Seeds, StepOverBySeed, testing::ValuesIn(test_seeds(300)));

}  // namespace
}  // namespace longspan
