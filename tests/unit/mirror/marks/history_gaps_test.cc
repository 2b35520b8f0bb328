// To which step it counts what a mark tells of the time since the one before.

#include <gtest/gtest.h>

#include <random>

#include "mirror/marks/history.h"
#include "tests/fakes/seed.h"

namespace longspan {
namespace {

constexpr TimestampMs kStart{1'795'222'920'000};  // a whole minute

TimestampMs after(std::int64_t ms) { return {kStart.value + ms}; }

MarkHead head(std::int64_t ms, const std::string& process = "one:1") {
  return {process, after(-1'000'000), after(ms), 10'000, false};
}

PartitionMark mark_of(std::int32_t partition, std::int64_t records) {
  PartitionMark out;
  out.partition = partition;
  out.next_source = {records};
  out.next_target = {records};
  out.records = records;
  return out;
}

Mark full(const MarkHead& of, std::vector<PartitionMark> partitions) {
  return PositionsMark{of, std::nullopt, {{"orders", 0, std::move(partitions)}}};
}

HistoryFold fold_of(std::int64_t length_ms, std::int64_t step_ms, bool of_minutes = false) {
  return HistoryFold({kStart, after(length_ms), step_ms}, after(-120'000), of_minutes);
}

std::vector<std::int64_t> records_of(const History& history) {
  std::vector<std::int64_t> out;
  for (const auto& step : history.steps) out.push_back(step.records);
  return out;
}

std::vector<std::int64_t> covered_of(const History& history) {
  std::vector<std::int64_t> out;
  for (const auto& step : history.steps) out.push_back(step.covered_ms);
  return out;
}

using Numbers = std::vector<std::int64_t>;

// A large set is several records, and a sink may break between them.
TEST(HistoryGaps, APartThatAFullSetLacksIsNotCountedFromItsBeginning) {
  auto fold = fold_of(200'000, 200'000);
  fold.add(full(head(1'000), {mark_of(0, 500), mark_of(1, 1'000'000)}));
  fold.add(full(head(61'000), {mark_of(0, 600)}));  // the record with partition 1 is lost
  fold.add(full(head(121'000), {mark_of(0, 700), mark_of(1, 1'000'300)}));
  EXPECT_EQ(records_of(fold.finish()), (Numbers{200 + 300}));
}

TEST(HistoryGaps, RecordsAreSpreadOverTheStepsBetweenTwoMarks) {
  auto fold = fold_of(40'000, 10'000);
  fold.add(full(head(1'000), {mark_of(0, 500)}));
  fold.add(full(head(31'000), {mark_of(0, 800)}));
  const auto history = fold.finish();
  EXPECT_EQ(records_of(history), (Numbers{90, 100, 100, 10}));
  EXPECT_EQ(covered_of(history), (Numbers{9'000, 10'000, 10'000, 1'000}));
  EXPECT_EQ(history.interval_ms, 10'000);
}

TEST(HistoryGaps, WhatLiesOutsideTheSpanIsNotOfIt) {
  auto fold = fold_of(10'000, 10'000);
  fold.add(full(head(-5'000), {mark_of(0, 0)}));
  fold.add(full(head(5'000), {mark_of(0, 100)}));
  fold.add(full(head(15'000), {mark_of(0, 300)}));
  const auto history = fold.finish();
  EXPECT_EQ(records_of(history), Numbers{50 + 100});
  EXPECT_EQ(history.records.at({"orders", 0}), 150);
}

TEST(HistoryGaps, AProcessThatWroteNothingForMinutesLeavesNoDataAndOneSum) {
  auto fold = fold_of(360'000, 60'000);
  fold.add(full(head(1'000), {mark_of(0, 500), mark_of(1, 0)}));
  fold.add(full(head(301'000), {mark_of(0, 800), mark_of(1, 7)}));
  const auto history = fold.finish();
  EXPECT_EQ(records_of(history), (Numbers{0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(covered_of(history), (Numbers{0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(history.gaps, (std::vector<HistoryGap>{{after(1'000), after(301'000), 307}}));
}

TEST(HistoryGaps, WhereItLiesWithinOneStepThatStepHasIt) {
  auto fold = fold_of(360'000, 360'000);
  fold.add(full(head(1'000), {mark_of(0, 500)}));
  fold.add(full(head(301'000), {mark_of(0, 800)}));
  const auto history = fold.finish();
  EXPECT_EQ(records_of(history), Numbers{300});
  EXPECT_EQ(covered_of(history), Numbers{300'000});
  EXPECT_TRUE(history.gaps.empty());
}

// Every 10 s, and one set may be left out.
TEST(HistoryGaps, ATimeInWhichNobodyWroteIsASilence) {
  auto fold = fold_of(360'000, 360'000);
  for (const std::int64_t s : {0, 10, 20, 40, 50, 80, 90, 130, 150}) {
    fold.add(full(head(s * 1000), {mark_of(0, s)}));
    if (s == 130) continue;
    fold.add(full(head(s * 1000 + 50'000, "two:1"), {mark_of(1, s)}));
  }
  MarkHead begun{"three:1", after(250'000), after(260'000), 10'000, false};
  for (const std::int64_t s : {260, 280, 300, 320, 340, 360}) {
    begun.at = after(s * 1000);
    fold.add(full(begun, {mark_of(1, s)}));
  }
  const auto history = fold.finish();
  EXPECT_EQ(history.silences, (std::vector<HistorySilence>{{after(100'001), after(130'000)},
                                                           {after(150'001), after(200'000)},
                                                           {after(200'001), after(250'000)}}));
}

TEST(HistoryGaps, WhoHadNoPartBeforeLeavesNone) {
  auto fold = fold_of(360'000, 60'000);
  fold.add(full(head(1'000), {mark_of(0, 500)}));
  auto back = head(301'000);
  back.has_joined = true;
  fold.add(full(back, {mark_of(0, 40)}));
  const auto history = fold.finish();
  EXPECT_TRUE(history.gaps.empty());
  EXPECT_EQ(records_of(history), (Numbers{0, 0, 0, 0, 36, 4}));
  EXPECT_EQ(covered_of(history), (Numbers{0, 0, 0, 0, 9'000, 1'000}));
}

TEST(HistoryGaps, TwoProcessesThatEachCoverAPartCoverTheWhole) {
  auto fold = fold_of(60'000, 60'000);
  const auto both = [](std::int64_t ms, const std::string& process) {
    auto of = head(ms, process);
    of.started_at = after(-100'000);
    return of;
  };
  fold.add(full(both(-1'000, "one:1"), {mark_of(0, 0)}));
  for (std::int64_t i = 1; i <= 3; ++i) {
    fold.add(full(both(i * 10'000, "one:1"), {mark_of(0, i * 1000)}));
  }
  fold.add(full(both(20'000, "two:2"), {}));
  for (std::int64_t i = 3; i <= 6; ++i) {
    fold.add(full(both(i * 10'000, "two:2"), {mark_of(0, (i - 3) * 1000)}));
  }
  const auto history = fold.finish();
  EXPECT_EQ(covered_of(history), Numbers{60'000});
  EXPECT_NEAR(static_cast<double>(history.steps[0].records), 6000, 100) << "100 a second";
  EXPECT_FALSE(history.steps[0].is_incomplete);
}

TEST(HistoryGaps, AnotherProcesssGapMakesAStepIncomplete) {
  auto fold = fold_of(120'000, 60'000);
  fold.add(full(head(-1'000, "one:1"), {mark_of(0, 0)}));
  fold.add(full(head(50'000, "one:1"), {mark_of(0, 9)}));  // 51 s
  for (std::int64_t i = 0; i <= 12; ++i) {
    fold.add(full(head(i * 10'000, "two:2"), {mark_of(1, i * 1000)}));
  }
  const auto history = fold.finish();
  EXPECT_EQ(records_of(history), (Numbers{6000, 6000}));
  EXPECT_TRUE(history.steps[0].is_incomplete);
  EXPECT_FALSE(history.steps[1].is_incomplete);
  EXPECT_EQ(history.gaps, (std::vector<HistoryGap>{{after(-1'000), after(50'000), 9}}));
}

TEST(HistoryGaps, MinutesAreNoGapsOfTheRollUps) {
  auto fold = fold_of(180'000, 60'000, true);
  for (std::int64_t i = -1; i <= 3; ++i) {
    fold.add(full(head(i * 60'000), {mark_of(0, 60 * i + 60)}));
  }
  const auto history = fold.finish();
  EXPECT_EQ(records_of(history), (Numbers{60, 60, 60}));
  EXPECT_EQ(covered_of(history), (Numbers{60'000, 60'000, 60'000}));
  EXPECT_TRUE(history.is_running);
}

// What a process writes when it is back does not say that it was there.
TEST(HistoryGaps, WhoComesBackBehindTheEndWasNotThere) {
  struct Case {
    std::int64_t before_ms;  // of the last set before the end, if any
    std::int64_t behind_ms;
    bool has_joined;
    bool is_running;
  };
  for (const auto& [before_ms, behind_ms, has_joined, is_running] :
       {Case{55'000, 65'000, false, true}, Case{10'000, 110'000, false, false},
        Case{10'000, 75'000, true, false}, Case{58'000, 61'000, true, true}}) {
    auto fold = fold_of(60'000, 60'000);
    fold.add(full(head(before_ms), {mark_of(0, 500)}));
    auto behind = head(behind_ms);
    behind.has_joined = has_joined;
    fold.add(full(behind, {mark_of(0, 600)}));
    EXPECT_EQ(fold.finish().is_running, is_running) << before_ms << " " << behind_ms;
  }
}

Mark latencies(std::int64_t since_ms, std::int64_t at_ms, std::uint64_t count) {
  TopicLatencies topic{"orders", after(since_ms), {}, {}, {}};
  topic.mirror_latency.record(1, count);
  return LatenciesMark{head(at_ms), false, {topic}};
}

TEST(HistoryGaps, ALongDifferenceIsOfTheStepWithMostOfItAndTheOthersSaySo) {
  auto fold = fold_of(300'000, 60'000);
  fold.add(latencies(50'000, 60'005, 1));
  fold.add(latencies(60'005, 185'000, 5));
  fold.add(latencies(185'000, 195'000, 1));
  const auto history = fold.finish();
  const auto& steps = history.steps;
  EXPECT_EQ(steps[0].latencies.mirror_latency.count(), 1u);
  EXPECT_EQ(steps[0].latencies_until, std::nullopt) << "5 ms";
  EXPECT_EQ(steps[0].latencies_elsewhere, std::nullopt);
  EXPECT_EQ(steps[1].latencies.mirror_latency.count(), 0u);
  EXPECT_EQ(steps[1].latencies_elsewhere, after(60'005));
  EXPECT_EQ(steps[2].latencies.mirror_latency.count(), 5u);
  EXPECT_EQ(steps[2].latencies_since, after(60'005));
  EXPECT_EQ(steps[2].latencies_elsewhere, std::nullopt);
  EXPECT_EQ(steps[3].latencies.mirror_latency.count(), 1u);
  EXPECT_EQ(steps[3].latencies_elsewhere, std::nullopt) << "5 s of it, half an interval";
  EXPECT_EQ(steps[4].latencies_elsewhere, std::nullopt);
}

TEST(HistoryGaps, DifferencesThatEndBeyondTheSpanAreMissedInIt) {
  auto fold = fold_of(60'000, 60'000);
  fold.add(latencies(20'000, 400'000, 5));
  const auto history = fold.finish();
  EXPECT_EQ(history.steps[0].latencies.mirror_latency.count(), 0u);
  EXPECT_EQ(history.steps[0].latencies_elsewhere, after(20'000));
}

PartitionMark followed(std::int32_t partition, std::int64_t commit_ms, std::int64_t acked_ms) {
  auto out = mark_of(partition, 100);
  out.slowest = SlowestRecord{after(acked_ms), acked_ms - commit_ms};
  return out;
}

TEST(HistoryGaps, AWorstIsOfTheStepInWhichItWasAcknowledged) {
  auto fold = fold_of(120'000, 60'000);
  fold.add(full(head(50'000), {mark_of(0, 100), mark_of(1, 100)}));
  fold.add(full(head(60'005), {followed(0, 55'000, 59'000), mark_of(1, 100)}));
  const auto history = fold.finish();
  ASSERT_TRUE(history.steps[0].worst);
  EXPECT_EQ(history.steps[0].worst->latency_ms, 4'000);
  EXPECT_FALSE(history.steps[1].worst);
}

// A snapshot is some tenths of a second old: what is acknowledged meanwhile is told by the next.
TEST(HistoryGaps, AWorstThatWasToldOfLateIsOneToo) {
  auto fold = fold_of(60'000, 60'000);
  fold.add(full(head(10'000), {followed(0, 2'000, 4'000)}));
  fold.add(full(head(20'000), {followed(0, 5'000, 9'900)}));
  fold.add(full(head(30'000), {followed(0, 5'000, 9'900)}));
  auto history = fold.finish();
  ASSERT_TRUE(history.steps[0].worst);
  EXPECT_EQ(history.steps[0].worst->latency_ms, 4'900);
}

TEST(HistoryGaps, AClockThatWasSetBackTellsOfTheIntervalBefore) {
  auto fold = fold_of(60'000, 10'000);
  fold.add(full(head(40'000), {mark_of(0, 100)}));
  fold.add(full(head(50'000), {mark_of(0, 200)}));
  fold.add(full(head(30'000), {mark_of(0, 300)}));
  fold.add(full(head(40'000), {mark_of(0, 400)}));
  const auto history = fold.finish();
  EXPECT_EQ(records_of(history), (Numbers{0, 0, 100, 100, 100, 0}));
  EXPECT_TRUE(history.gaps.empty());
  EXPECT_EQ(history.points.at({"orders", 0}).mark.next_source, Offset{400});
}

TEST(HistoryGaps, ABaseThatIsOlderThanWhatWasReadIsMissedOnlyWithinTheSpan) {
  auto fold = fold_of(60'000, 60'000);
  const PositionsMark before{head(-5'000), after(-130'000), {{"orders", 0, {mark_of(0, 10)}}}};
  fold.add(Mark(before));
  auto within = before;
  within.head = head(5'000);
  fold.add(Mark(within));
  EXPECT_EQ(fold.finish().unreadable, 1);
}

// Every few minutes another process, with all partitions: what is kept does not grow with them.
TEST(HistoryGaps, PositionsThatAreKeptGoWithThePartitionsNotWithTheMarks) {
  constexpr std::int64_t kHour = 3'600'000;
  auto fold = fold_of(kHour, 60'000);
  std::size_t most = 0;
  std::vector<PartitionMark> partitions;
  for (std::int32_t p = 0; p < 50; ++p) partitions.push_back(mark_of(p, 10));
  for (std::int64_t ms = 0; ms < kHour; ms += 10'000) {
    auto of = head(ms, "host:" + std::to_string(ms / 120'000));
    of.is_last = ms % 240'000 == 110'000;  // every other one is killed
    fold.add(full(of, partitions));
    most = std::max(most, fold.positions_held());
  }
  EXPECT_GE(most, 2 * partitions.size());
  EXPECT_LE(most, (HistoryFold::kPositionsEach + 2) * partitions.size());
  EXPECT_EQ(fold.finish().unreadable, 0);
}

// Whatever sets are missing, and wherever the steps lie: every record is in one place.
TEST(HistoryGaps, StepsAndGapsAddUp) {
  for (const auto seed : test_seeds(50)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto below = [&](int most) { return static_cast<std::int64_t>(random() % most); };
    const std::int64_t step_ms = 1000 * (1 + below(90));
    auto fold = fold_of(3'600'000, step_ms);
    std::int64_t all = 0;
    for (const std::string process : {"one:1", "two:2"}) {
      std::int64_t records = below(1000);
      all -= records;
      std::int64_t ms = below(60'000);
      while (ms < 3'600'000) {
        fold.add(full(head(ms, process), {mark_of(0, records)}));
        all += records;
        const std::int64_t was = records;
        records += below(1'000'000);
        ms += 10'000 * (below(10) == 0 ? 1 + below(40) : 1) + below(20);
        all -= ms < 3'600'000 ? was : 0;
      }
    }
    const auto history = fold.finish();
    std::int64_t sum = 0;
    for (const auto& step : history.steps) {
      sum += step.records;
      EXPECT_GE(step.records, 0);
      EXPECT_LE(step.covered_ms, step.to - step.from);
    }
    for (const auto& gap : history.gaps) sum += gap.records;
    EXPECT_EQ(sum, all);
  }
}

}  // namespace
}  // namespace longspan
