#include "mirror/read_budget.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr ReadBudget::Steady kBegin{seconds(1000)};
constexpr auto kHigh = Priority::high;
constexpr auto kNormal = Priority::normal;

LiveSettings throttled(std::int64_t flow, std::int64_t high, std::int64_t normal) {
  LiveSettings settings;
  settings.throttle = flow;
  settings.throttle_high = high;
  settings.throttle_normal = normal;
  return settings;
}

TEST(ReadBudget, WithoutBoundsNothingIsAsked) {
  ReadBudget budget;
  budget.set({}, {}, kBegin);
  EXPECT_FALSE(budget.is_needed());
  EXPECT_FALSE(budget.room(kNormal, kBegin).bytes);
  EXPECT_FALSE(budget.rate(kNormal));
}

TEST(ReadBudget, AProcessHasThePartOfTheSlotsItOwns) {
  ReadBudget budget;
  budget.set(throttled(1600, 0, 0), {4, 16}, kBegin);
  EXPECT_TRUE(budget.is_needed());
  EXPECT_EQ(budget.room(kNormal, kBegin).bytes, 400);
  EXPECT_EQ(budget.rate(kNormal), 400);
  budget.set(throttled(1600, 0, 0), {16, 16}, kBegin);
  EXPECT_EQ(budget.room(kNormal, kBegin + seconds(2)).bytes, 1600);
}

TEST(ReadBudget, TheLowerBoundOfFlowAndPriorityHolds) {
  ReadBudget budget;
  budget.set(throttled(1000, 0, 100), {}, kBegin);
  EXPECT_EQ(budget.room(kNormal, kBegin).bytes, 100);
  EXPECT_EQ(budget.rate(kNormal), 100);
  budget.spend(kNormal, 100);
  const auto room = budget.room(kNormal, kBegin);
  EXPECT_EQ(room.why, HeldBack::throttled);
  EXPECT_EQ(budget.room(kHigh, kBegin).why, HeldBack::no);
}

TEST(ReadBudget, WhatTheOthersReadDoesNotDelayHighPriority) {
  ReadBudget budget;
  budget.set(throttled(1000, 0, 0), {}, kBegin);
  budget.spend(kNormal, 1500);
  EXPECT_EQ(budget.room(kNormal, kBegin).why, HeldBack::throttled);
  EXPECT_EQ(budget.room(kHigh, kBegin).bytes, 500);
  budget.spend(kHigh, 500);  // but it is bounded, too
  EXPECT_EQ(budget.room(kHigh, kBegin).why, HeldBack::throttled);
}

TEST(ReadBudget, WhileHighPriorityIsBehindTheOthersHaveTheirFloor) {
  ReadBudget budget;
  LiveSettings settings;
  settings.priority_floor_percent = 20;
  budget.set(settings, {}, kBegin);
  budget.note_high(0, HighWork::caught_up);
  EXPECT_TRUE(budget.has_high());
  EXPECT_FALSE(budget.room(kNormal, kBegin).bytes);
  budget.note_high(0, HighWork::behind);
  EXPECT_EQ(budget.room(kNormal, kBegin).why, HeldBack::yields);
  EXPECT_FALSE(budget.room(kHigh, kBegin).bytes);
  budget.spend(kHigh, 8000);
  EXPECT_EQ(budget.room(kNormal, kBegin).bytes, 2000);
  budget.spend(kNormal, 2500);
  EXPECT_EQ(budget.room(kNormal, kBegin).why, HeldBack::yields);
  budget.spend(kHigh, 8000);
  EXPECT_EQ(budget.room(kNormal, kBegin).bytes, 1500);
}

TEST(ReadBudget, TheFloorHoldsUnderTheFlowsThrottleToo) {
  ReadBudget budget;
  budget.set(throttled(10'000, 0, 0), {}, kBegin);
  budget.note_high(0, HighWork::behind);
  std::int64_t high = 0;
  std::int64_t normal = 0;
  for (auto now = kBegin; now < kBegin + seconds(100); now += milliseconds(10)) {
    for (const auto priority : kPriorities) {
      if (budget.room(priority, now).why != HeldBack::no) continue;
      budget.spend(priority, 100);
      (priority == kHigh ? high : normal) += 100;
    }
  }
  EXPECT_NEAR(static_cast<double>(normal) / static_cast<double>(high + normal), 0.1, 0.01);
  EXPECT_NEAR(static_cast<double>(high + normal), 1'020'000, 2'000);
}

TEST(ReadBudget, AnyShardsHighPriorityHoldsTheOthersBack) {
  ReadBudget budget;
  budget.set({}, {}, kBegin);
  budget.note_high(0, HighWork::behind);
  budget.note_high(1, HighWork::caught_up);
  EXPECT_EQ(budget.room(kNormal, kBegin).why, HeldBack::yields);
  budget.note_high(0, HighWork::caught_up);
  EXPECT_FALSE(budget.room(kNormal, kBegin).bytes);
  budget.note_high(0, HighWork::none);
  EXPECT_TRUE(budget.has_high());
  budget.note_high(1, HighWork::none);
  EXPECT_FALSE(budget.has_high());
}

// Four shards read as fast as they may, for one second of a clock that only they move.
TEST(ReadBudget, ShardsOfAProcessKeepTheBoundTogether) {
  ReadBudget budget;
  budget.set(throttled(1'000'000, 0, 0), {}, kBegin);
  std::atomic<std::int64_t> passed_us{0};
  std::atomic<std::int64_t> read{0};
  {
    std::vector<std::jthread> shards;
    for (int i = 0; i < 4; ++i) {
      shards.emplace_back([&, i] {
        while (passed_us.load() < 1'000'000) {
          const auto now = kBegin + std::chrono::microseconds(passed_us.fetch_add(100));
          budget.note_high(i, HighWork::none);
          if (budget.room(kNormal, now).why != HeldBack::no) continue;
          budget.spend(kNormal, 1000);
          read.fetch_add(1000);
        }
      });
    }
  }
  EXPECT_GT(read.load(), 1'900'000);  // a full bucket and one second
  EXPECT_LT(read.load(), 2'010'000);
}

}  // namespace
}  // namespace longspan
