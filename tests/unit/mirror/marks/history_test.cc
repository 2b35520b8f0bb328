#include "mirror/marks/history.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

constexpr TimestampMs kStart{1'795'222'920'000};  // a whole minute

TimestampMs after(std::int64_t ms) { return {kStart.value + ms}; }

MarkHead head(std::int64_t ms, const std::string& process = "one:1") {
  return {process, after(-1'000'000), after(ms), 10'000, false};
}

PositionsMark full(std::int64_t ms, std::vector<PartitionMark> partitions) {
  return {head(ms), std::nullopt, {{"orders", 0, std::move(partitions)}}};
}

PartitionMark mark_of(std::int32_t partition, std::int64_t source, std::int64_t records) {
  PartitionMark out;
  out.partition = partition;
  out.next_source = {source};
  out.next_target = {source};
  out.records = records;
  return out;
}

HistoryFold minute_fold() {
  return HistoryFold({kStart, after(60'000), 60'000}, after(-120'000), false);
}

TEST(History, CountersOfAProcessSeenForTheFirstTimeSayNothing) {
  auto fold = minute_fold();
  fold.add(Mark(full(1'000, {mark_of(0, 5'000, 4'000)})));
  fold.add(Mark(full(11'000, {mark_of(0, 5'010, 4'010), mark_of(1, 77, 7)})));
  const auto history = fold.finish();
  EXPECT_EQ(history.steps[0].records, 10 + 7) << "partition 1 was new since";
  EXPECT_EQ(history.steps[0].covered_ms, 10'000);
  EXPECT_TRUE(history.is_running == false) << "49 s without a mark at an interval of 10 s";
}

TEST(History, ACounterThatBeganAnewCountsFromZero) {
  auto fold = minute_fold();
  fold.add(Mark(full(1'000, {mark_of(0, 5'000, 4'000)})));
  fold.add(Mark(full(11'000, {mark_of(0, 5'003, 3)})));
  EXPECT_EQ(fold.finish().steps[0].records, 3);
}

TEST(History, TheFirstMarkBehindARecordIsKeptWithTheOneBefore) {
  HistorySpan span{kStart, after(60'000), 60'000};
  span.record_partition = TopicPartition{"orders", 0};
  span.record = Offset{5'004};
  HistoryFold fold(span, after(-120'000), false);
  fold.add(Mark(full(1'000, {mark_of(0, 5'000, 4'000)})));
  fold.add(Mark(full(11'000, {mark_of(0, 5'010, 4'010), mark_of(1, 9'999, 7)})));
  fold.add(Mark(full(21'000, {mark_of(0, 5'020, 4'020)})));
  const auto passed = fold.finish().passed;
  ASSERT_TRUE(passed);
  EXPECT_EQ(passed->by.at, after(11'000));
  EXPECT_EQ(passed->by.mark.next_source, Offset{5'010});
  ASSERT_TRUE(passed->before);
  EXPECT_EQ(passed->before->next_source, Offset{5'000});
}

TEST(History, NoMarkIsBehindARecordThatIsNotMirrored) {
  HistorySpan span{kStart, after(60'000), 60'000};
  span.record_partition = TopicPartition{"orders", 0};
  span.record = Offset{5'010};
  HistoryFold fold(span, after(-120'000), false);
  fold.add(Mark(full(11'000, {mark_of(0, 5'010, 4'010)})));
  EXPECT_FALSE(fold.finish().passed) << "5010 is the next";
}

TEST(History, PositionsWithoutTheirBaseAreNotReadAsPositions) {
  auto fold = minute_fold();
  PositionsMark relative{head(5'000), after(-30'000), {{"orders", 0, {mark_of(0, 10, 10)}}}};
  fold.add(Mark(relative));
  const auto history = fold.finish();
  EXPECT_EQ(history.unreadable, 1);
  EXPECT_TRUE(history.points.empty());
}

TEST(History, ASetThatIsCutOffAtItsBeginningIsNoBase) {
  auto fold = minute_fold();
  auto rest = full(1'000, {mark_of(0, 5'000, 4'000)});
  rest.head.is_first = false;
  fold.add(Mark(rest));
  fold.add(Mark(PositionsMark{head(11'000), after(1'000), {{"orders", 0, {mark_of(1, 10, 10)}}}}));
  const auto history = fold.finish();
  EXPECT_EQ(history.unreadable, 2);
}

TEST(History, OfTwoLatenciesWithOneBeginningTheLaterCounts) {
  auto fold = minute_fold();
  TopicLatencies first{"orders", after(1'000), {}, {}, {}};
  first.mirror_latency.record(1, 5);
  TopicLatencies second = first;
  second.mirror_latency.record(2, 6);
  fold.add(Mark(LatenciesMark{head(11'000), false, {first}}));
  fold.add(Mark(LatenciesMark{head(21'000), false, {second}}));
  TopicLatencies next{"orders", after(21'000), {}, {}, {}};
  next.mirror_latency.record(3, 7);
  fold.add(Mark(LatenciesMark{head(31'000), false, {next}}));
  EXPECT_EQ(fold.finish().steps[0].latencies.mirror_latency.count(), 5u + 6u + 7u);
}

TEST(History, TheWorstIsTheSlowestElseTheFurthestBehind) {
  auto fold = minute_fold();
  auto behind = mark_of(0, 100, 100);
  behind.offset_lag = Records{1'000'000};
  auto quick = mark_of(1, 100, 100);
  quick.slowest = SlowestRecord{after(5'000), 1'000};
  auto slow = mark_of(2, 100, 100);
  slow.slowest = SlowestRecord{after(5'000), 4'000};
  fold.add(Mark(full(1'000, {})));
  fold.add(Mark(full(11'000, {behind, quick, slow})));
  const auto history = fold.finish();
  ASSERT_TRUE(history.steps[0].worst);
  EXPECT_EQ(history.steps[0].worst->source, (TopicPartition{"orders", 2}));
  EXPECT_EQ(history.steps[0].worst->latency_ms, 4'000);

  auto other = minute_fold();
  other.add(Mark(full(11'000, {behind})));
  const auto lag = other.finish();
  ASSERT_TRUE(lag.steps[0].worst);
  EXPECT_EQ(lag.steps[0].worst->latency_ms, std::nullopt);
  EXPECT_EQ(lag.steps[0].worst->offset_lag, Records{1'000'000});
}

TEST(History, PointsAreThoseBelowTheEnd) {
  auto fold = minute_fold();
  fold.add(Mark(full(55'000, {mark_of(0, 10, 10)})));
  fold.add(Mark(full(65'000, {mark_of(0, 20, 20)})));
  const auto history = fold.finish();
  EXPECT_EQ(history.points.at({"orders", 0}).mark.next_source, Offset{10});
  EXPECT_TRUE(history.is_running);
  EXPECT_EQ(history.last_at, after(55'000));
}

}  // namespace
}  // namespace longspan
