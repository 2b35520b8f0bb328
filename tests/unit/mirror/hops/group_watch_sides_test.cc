// What sinks report, the groups of the source, and many of them.
#include "tests/unit/mirror/hops/group_watch_on_fakes.h"

#include <array>
#include <deque>
#include <map>
#include <string>

namespace longspan {
namespace {

using std::chrono::milliseconds;

TEST_F(GroupWatchTest, ASinkTellsItsOwnTime) {
  ObservedCommit report = commit(100, "warehouse");
  report.is_of_sink = true;
  report.coordinator.reset();
  take(report);
  copy(7, 100, milliseconds(40));
  clock_.advance(milliseconds(60));
  report.commit = GroupCommit{.offset = {101}, .at = clock_.now()};  // its clock is ours
  clock_.advance(milliseconds(5'000));                               // and the report came late
  take(report);
  const auto& latency = of("warehouse").latency.end_to_end;
  ASSERT_EQ(latency.point.count(), 1u);
  EXPECT_LE(median(latency.low), 0.041);
  EXPECT_GE(median(latency.high), 0.100);
  EXPECT_LE(median(latency.high), 0.310) << "the sink's time counts, not when the report came";
}

TEST_F(GroupWatchTest, WhatASinkReportsBeyondTheEndProvesNone) {
  watch_.ends(log_, {{0}, {100}, {100}}, clock_.steady());
  clock_.advance(milliseconds(10));
  ObservedCommit report = commit(1'000'000, "warehouse");
  report.is_of_sink = true;
  report.is_exact = false;
  report.commit->at.reset();  // it tells no time
  report.seen_by = clock_.now_us();
  take(report);
  EXPECT_EQ(of("warehouse").partitions_by_state[static_cast<std::size_t>(LagState::ahead_of_end)],
            1);
}

TEST_F(GroupWatchTest, OfASinksReportsTheNewestHolds) {
  watch_.ends(log_, {{0}, {2'000}, {2'000}}, clock_.steady());
  ObservedCommit report = commit(1'000, "warehouse");
  report.is_of_sink = true;
  report.coordinator.reset();
  take(report);
  ObservedCommit late = report;
  late.commit = GroupCommit{.offset = {990}, .at = TimestampMs{clock_.now().value - 500}};
  take(late);
  EXPECT_EQ(of("warehouse").partitions.at(0).committed, Offset{1'000});
  late.commit = GroupCommit{.offset = {500}};  // what a look found in the cluster
  late.is_exact = false;
  late.seen_by = clock_.now_us();
  take(late, true);
  EXPECT_EQ(of("warehouse").partitions.at(0).committed, Offset{1'000});
  clock_.advance(milliseconds(10));
  report.commit = GroupCommit{.offset = {900}, .at = clock_.now()};
  take(report);
  EXPECT_EQ(of("warehouse").partitions.at(0).committed, Offset{900}) << "it reads again";
  report.commit = GroupCommit{.offset = {950}, .at = TimestampMs{clock_.now().value - 60'000}};
  take(report);
  EXPECT_EQ(of("warehouse").partitions.at(0).committed, Offset{950})
      << "its clock was set back, and it goes on";
}

// Half of a stuck group's partitions must not look like all of them.
TEST_F(GroupWatchTest, WhereAGroupHasNoPositionItsLagIsNotKnown) {
  GroupWatch::Log second;
  GroupWatch::Log empty;
  watch_.open(second, {"orders", 4}, {"east.orders", 4});
  watch_.open(empty, {"orders", 5}, {"east.orders", 5});
  GroupWatch::Log other;
  watch_.open(other, {"users", 0}, {"east.users", 0});
  find(100);
  for (auto* log : {&log_, &second, &other}) {
    watch_.ends(*log, {{0}, {100}, {100}}, clock_.steady());
  }
  watch_.ends(empty, {{0}, {0}, {0}}, clock_.steady());
  take(commit(100));
  const auto states = [this] { return of().partitions_by_state; };
  const auto never = static_cast<std::size_t>(LagState::never_committed);
  EXPECT_EQ(states()[never], 1) << "not the empty one, and no other topic's";
  EXPECT_EQ(of().unknown_lags, 1);
  EXPECT_EQ(of().known_lag(), Records{0});
  EXPECT_FALSE(of().head_age);
  ObservedCommit elsewhere = commit(7, "moved");  // of a partition that another shard has
  elsewhere.partition.partition = 11;
  take(elsewhere);
  EXPECT_EQ(of("moved").unknown_lags, 2);
  EXPECT_EQ(of("moved").known_lag(), std::nullopt);
  ObservedCommit found = commit(100);
  found.partition.partition = 4;
  take(found);
  EXPECT_EQ(states()[never], 0);
  for (auto* log : {&second, &empty, &other}) watch_.forget(*log);
}

TEST_F(GroupWatchTest, AReportThatIsAheadOfTheAcknowledgementsLosesNone) {
  ObservedCommit report = commit(100, "warehouse");
  report.is_of_sink = true;
  report.coordinator.reset();
  watch_.ends(log_, {{0}, {100}, {100}}, clock_.steady());
  take(report);
  Sent sent[3];
  for (int i = 0; i < 3; ++i) sent[i] = send(7 + i, milliseconds(40));
  clock_.advance(milliseconds(20));
  report.commit = GroupCommit{.offset = {103}, .at = clock_.now()};
  take(report);  // nobody here knows that there are so many
  for (int i = 0; i < 3; ++i) acknowledge(sent[i], 100 + i);
  acknowledge(send(10, milliseconds(40)), 103);
  clock_.advance(milliseconds(20));
  report.commit = GroupCommit{.offset = {104}, .at = clock_.now()};
  take(report);
  EXPECT_EQ(of("warehouse").latency.end_to_end.point.count(), 4u);
}

TEST_F(GroupWatchTest, WhoCommitsBeforeItProcessesIsBehindItsCommit) {
  auto patterns = NamePatterns::make({"early.*"}, "latency.groups.before.processing");
  ASSERT_TRUE(patterns);
  GroupWatch watch(clock_, hops_, {.is_on = true, .before_processing = *patterns});
  GroupWatch::Log log;
  watch.open(log, kSource, kTarget);
  RecordStamps stamps;
  stamps.commit = ClockStamp{{clock_.now_us(), 1}, 0};
  stamps.fetched = stamps.produced = stamps.acked = hops_.now();
  const std::array<ClockOffset, 3> offsets{};
  watch.copied(log, {100}, 1, clock_.now());
  watch.copied(log, {{7}, {100}, 1, RecordTimes(stamps, offsets)});
  clock_.advance(milliseconds(200));
  for (const std::int64_t offset : {100, 101}) {
    for (const char* group : {"early-bird", "sink"}) {
      GroupCommits batch;
      batch.commits.push_back(commit(offset, group));
      watch.take(batch);
    }
  }
  std::map<std::string, HopTally> tallies;
  for (const auto& group : *watch.snapshot()) {
    tallies[group.group] = group.latency.append_to_sink_commit.tally;
  }
  EXPECT_EQ(tallies["early-bird"].one_sided, 1u)
      << "when it was processed nobody knows: after its commit";
  EXPECT_EQ(tallies["sink"].known, 1u);
}

TEST_F(GroupWatchTest, WhatIsNotCommittedYetIsNoLag) {
  GroupWatch watch(clock_, hops_, {.is_on = true, .is_transactional = true});
  GroupWatch::Log log;
  watch.open(log, kSource, kTarget);
  watch.ends(log, {{0}, {100}, {100}}, clock_.steady());
  for (int i = 0; i < 20; ++i) watch.copied(log, {100 + i}, 1, clock_.now());
  GroupCommits batch;
  batch.commits.push_back(commit(100));
  watch.take(batch);
  const auto before = watch.snapshot();
  ASSERT_EQ(before->size(), 1u);
  EXPECT_EQ(before->at(0).offset_lag, Records{0}) << "nobody may read them yet";
  watch.ends(log, {{0}, {121}, {121}}, clock_.steady());
  clock_.advance(milliseconds(1'100));
  EXPECT_EQ(watch.snapshot()->at(0).offset_lag, Records{21});
}

TEST_F(GroupWatchTest, ASnapshotOfManyIsComputedInSlices) {
  constexpr int kPartitions = 60;
  constexpr int kGroups = 500;
  std::deque<GroupWatch::Log> logs(kPartitions);
  GroupCommits batch;
  batch.is_first = true;
  for (int i = 0; i < kPartitions; ++i) {
    const TopicPartition target{"east.many", i};
    watch_.open(logs[static_cast<std::size_t>(i)], {"many", i}, target);
    watch_.ends(logs[static_cast<std::size_t>(i)], {{0}, {10}, {10}}, clock_.steady());
    for (int k = 0; k < kGroups; ++k) {
      ObservedCommit seen = commit(3, ("group" + std::to_string(k)).c_str());
      seen.partition = target;
      batch.commits.push_back(std::move(seen));
    }
  }
  watch_.take(batch);
  int calls = 0;
  while (watch_.snapshot()->empty() && calls < 10) ++calls;
  EXPECT_GE(calls, kPartitions * kGroups / static_cast<int>(GroupWatch::kComputeSlice) - 1);
  const auto all = watch_.snapshot();
  ASSERT_EQ(all->size(), std::size_t{kGroups});
  std::int64_t not_shown = 0;
  for (const auto& group : *all) {
    EXPECT_EQ(group.offset_lag, Records{7 * kPartitions}) << group.group;
    not_shown += group.partitions_not_shown;
  }
  EXPECT_EQ(not_shown,
            kPartitions * kGroups - static_cast<std::int64_t>(GroupWatch::kPartitionsShownMax));
  for (auto& log : logs) watch_.forget(log);
}

TEST_F(GroupWatchTest, AGroupThatGoesWhileItIsComputedIsGone) {
  std::deque<GroupWatch::Log> logs(3);
  GroupCommits batch;
  batch.is_first = true;
  const int groups = static_cast<int>(GroupWatch::kComputeSlice);
  for (int i = 0; i < 3; ++i) {
    watch_.open(logs[static_cast<std::size_t>(i)], {"many", i}, {"east.many", i});
    for (int k = 0; k < groups; ++k) {
      ObservedCommit seen = commit(3, ("group" + std::to_string(k)).c_str());
      seen.partition = {"east.many", i};
      batch.commits.push_back(std::move(seen));
    }
  }
  watch_.take(batch);
  EXPECT_TRUE(watch_.snapshot()->empty()) << "one slice of three";
  GroupCommits gone;
  gone.groups.push_back({std::make_shared<const std::string>("group7"), GroupState::dead});
  watch_.take(gone);
  for (int i = 0; i < 10 && watch_.snapshot()->empty(); ++i) {
  }
  EXPECT_EQ(watch_.snapshot()->size(), static_cast<std::size_t>(groups - 1));
  for (auto& log : logs) watch_.forget(log);
}

TEST_F(GroupWatchTest, WhoIsFarBehindIsJudgedBySomeThatStandForAll) {
  constexpr int kRecords = 60'000;
  HopWatch::Passage passage;
  find(0, "behind");
  RecordStamps stamps;
  stamps.commit = ClockStamp{{clock_.now_us(), 1}, 0};
  stamps.fetched = stamps.produced = stamps.acked = hops_.now();
  const std::array<ClockOffset, 3> offsets{};
  const RecordTimes times(stamps, offsets);
  for (int i = 0; i < kRecords; ++i) {
    watch_.copied(log_, {i}, 1, clock_.now());
    watch_.copied(log_, {{i}, {i}, 1, times});
    ASSERT_LE(log_.copies.size(), GroupWatch::kCopiesMax + 1);
  }
  take(commit(kRecords, "behind"));
  const GroupSnapshot group = of("behind");
  const auto& tally = group.latency.append_to_sink_commit.tally;
  EXPECT_EQ(tally.known + tally.one_sided + tally.absent, std::uint64_t{kRecords});
  EXPECT_TRUE(log_.copies.empty());
}

TEST_F(GroupWatchTest, ASnapshotIsComputedOnceASecond) {
  find(100);
  watch_.ends(log_, {{0}, {200}, {200}}, clock_.steady());
  const auto first = watch_.snapshot();
  take(commit(150));
  EXPECT_EQ(watch_.snapshot(), first);
  EXPECT_EQ(of().offset_lag, Records{50});
}

TEST_F(GroupWatchTest, OfTheSourcesGroupsItTellsTheSourcesOffsets) {
  GroupWatch watch(clock_, hops_, {.side = EventSide::source, .is_on = true});
  GroupWatch::Log log;
  watch.await(kSource, kTarget);
  ObservedCommit seen = commit(40, "reader");
  seen.partition = kSource;
  GroupCommits batch;
  batch.side = EventSide::source;
  batch.commits.push_back(seen);
  watch.take(batch);
  watch.open(log, kSource, kTarget);
  watch.ends(log, {{10}, {52}, {50}}, clock_.steady());
  const auto groups = watch.snapshot();
  ASSERT_EQ(groups->size(), 1u);
  EXPECT_EQ(groups->at(0).side, EventSide::source);
  EXPECT_EQ(groups->at(0).topic, "orders");
  EXPECT_EQ(groups->at(0).target_topic, "east.orders");
  EXPECT_EQ(groups->at(0).offset_lag, Records{10});
  EXPECT_EQ(groups->at(0).partitions.at(0).lag.high_watermark_lag, Records{12});
  // A record that is not mirrored yet is no marker.
  watch.copied(log, {48}, 1, clock_.now());
  seen.commit->offset = {49};
  batch.commits = {seen};
  watch.take(batch);
  clock_.advance(milliseconds(1'100));
  const auto later = watch.snapshot();
  EXPECT_EQ(later->at(0).offset_lag, Records{1});
  EXPECT_FALSE(later->at(0).head_age);
  watch.forget(log);
}

TEST_F(GroupWatchTest, OffItKeepsNothing) {
  GroupWatch off(clock_, hops_, {});
  GroupWatch::Log log;
  off.open(log, kSource, kTarget);
  off.copied(log, {1}, 5, clock_.now());
  GroupCommits batch;
  batch.commits.push_back(commit(3));
  off.take(batch);
  EXPECT_TRUE(off.snapshot()->empty());
  EXPECT_FALSE(log.times);
}

}  // namespace
}  // namespace longspan
