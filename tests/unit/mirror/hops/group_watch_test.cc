#include "mirror/hops/group_watch.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;

const TopicPartition kSource{"orders", 3};
const TopicPartition kTarget{"east.orders", 3};

class GroupWatchTest : public testing::Test {
 protected:
  GroupWatchTest() { watch_.open(log_, kSource, kTarget); }

  struct Sent {
    Offset source;
    TimestampMs at;
  };
  // A record that was committed in the database so long ago is fetched and produced.
  Sent send(std::int64_t source, milliseconds committed_ago) {
    const auto then = clock_.now().value - committed_ago.count();
    Record record = make_record({"k",
                                 R"({"source":{"ts_ms":)" + std::to_string(then) +
                                     R"(,"txId":7},"op":"c","ts_ms":)" + std::to_string(then) + "}",
                                 {then},
                                 {}});
    record.offset = {source};
    record.timestamp_kind = TimestampKind::create_time;
    hops_.fetched(passage_, kSource, record, clock_.steady());
    hops_.produced(passage_, {source});
    return {{source}, {then}};
  }
  void acknowledge(const Sent& sent, std::int64_t target) {
    std::vector<HopWatch::Sampled> sampled;
    hops_.acked(passage_, kSource, {sent.source, sent.source.next()}, &sampled);
    watch_.copied(log_, {target}, 1, sent.at);
    for (auto& each : sampled) {
      watch_.copied(log_, {each.source, {target}, each.stands_for, each.times});
    }
  }
  void copy(std::int64_t source, std::int64_t target, milliseconds committed_ago) {
    acknowledge(send(source, committed_ago), target);
  }
  // The group's coordinator has our clock.
  [[nodiscard]] ObservedCommit commit(std::int64_t offset, const char* group = "sink") const {
    ObservedCommit out;
    out.group = std::make_shared<const std::string>(group);
    out.partition = kTarget;
    out.commit = GroupCommit{.offset = {offset}, .at = clock_.now()};
    out.coordinator = 1;
    return out;
  }
  void take(ObservedCommit seen, bool is_first = false) {
    GroupCommits batch;
    batch.is_first = is_first;
    batch.groups.push_back({seen.group, GroupState::stable});
    batch.commits.push_back(std::move(seen));
    watch_.take(batch);
  }
  // What a snapshot of the groups finds: no time.
  void find(std::int64_t offset, const char* group = "sink") {
    ObservedCommit seen = commit(offset, group);
    seen.commit->at.reset();
    seen.is_exact = false;
    seen.seen_by = clock_.now_us();
    take(std::move(seen), true);
  }
  [[nodiscard]] GroupSnapshot of(const std::string& group = "sink") {
    clock_.advance(milliseconds(1'100));
    for (const auto& each : *watch_.snapshot()) {
      if (each.group == group) return each;
    }
    ADD_FAILURE() << "nothing is known of " << group;
    return {};
  }
  static double median(const Histogram& of) { return of.quantile(0.5).value_or(-1); }

  FakeClock clock_;
  HopWatch hops_{clock_, StampReader(nullptr, {}), {}};
  HopWatch::Passage passage_;
  GroupWatch watch_{clock_, hops_, {.is_on = true}};
  GroupWatch::Log log_;
};

TEST_F(GroupWatchTest, TheFirstCommitBehindARecordEndsItsWay) {
  find(100);
  copy(7, 100, milliseconds(40));
  clock_.advance(milliseconds(200));
  take(commit(101));
  clock_.advance(milliseconds(500));
  take(commit(101));
  const GroupSnapshot group = of();
  EXPECT_EQ(group.latency.end_to_end.point.count(), 1u) << "a later commit is not the first";
  EXPECT_LE(median(group.latency.end_to_end.low), 0.041) << "it was appended after 40 ms";
  EXPECT_GE(median(group.latency.end_to_end.high), 0.240) << "and committed after 240";
  EXPECT_NEAR(median(group.latency.append_to_sink_commit.high), 0.2, 0.005);
  EXPECT_EQ(group.topic, "orders");
  EXPECT_EQ(group.target_topic, "east.orders");
  EXPECT_EQ(group.state, GroupState::stable);
}

TEST_F(GroupWatchTest, WhatWasCommittedBeforeTheFirstLookIsNotJudged) {
  find(90);
  copy(7, 100, milliseconds(40));
  find(101);
  EXPECT_EQ(of().latency.end_to_end.point.count(), 0u);
}

TEST_F(GroupWatchTest, TheFirstCommitOfANewGroupIsBehindAllThatCameBefore) {
  GroupCommits nothing;
  nothing.is_first = true;
  watch_.take(nothing);
  for (int i = 0; i < 1'000; ++i) copy(i, 100 + i, milliseconds(40));
  ASSERT_LE(log_.copies.size(), GroupWatch::kCopiesUnread + 1);
  clock_.advance(milliseconds(10));
  take(commit(1'050));
  EXPECT_NEAR(static_cast<double>(of().latency.end_to_end.point.count()), 950, 10);
}

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

// It may report to two processes, and one of them hands it on by way of the cluster.
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

TEST_F(GroupWatchTest, APositionThatWasVoidIsNotJudgedTwice) {
  find(100, "slow");
  take(commit(100));
  copy(7, 100, milliseconds(40));
  copy(8, 101, milliseconds(40));
  take(commit(102));
  ASSERT_EQ(of().latency.end_to_end.point.count(), 2u);
  ObservedCommit deleted = commit(0);
  deleted.commit.reset();
  take(deleted);
  copy(9, 102, milliseconds(40));
  take(commit(103));
  EXPECT_EQ(of().latency.end_to_end.point.count(), 3u);
  find(103, "slow");  // a gap: all begins anew, and the group's coordinator did not answer
  copy(10, 103, milliseconds(40));
  take(commit(104));
  EXPECT_EQ(of().latency.end_to_end.point.count(), 4u);
}

TEST_F(GroupWatchTest, WhereTheTargetWasCutWhileItWasAwayItIsJudged) {
  find(100);
  copy(7, 100, milliseconds(40));
  take(commit(101));
  watch_.forget(log_, true);
  watch_.open(log_, kSource, kTarget);
  copy(7, 60, milliseconds(80));
  clock_.advance(milliseconds(5));
  take(commit(50));
  take(commit(61));
  EXPECT_EQ(of().latency.end_to_end.point.count(), 2u);
}

TEST_F(GroupWatchTest, TheSameCommitInSnapshotAndTailIsOne) {
  find(100);
  take(commit(100));
  copy(7, 100, milliseconds(40));
  clock_.advance(milliseconds(50));
  take(commit(101));
  const GroupSnapshot group = of();
  EXPECT_EQ(group.latency.end_to_end.point.count(), 1u);
  ASSERT_EQ(group.partitions.size(), 1u);
  EXPECT_EQ(group.partitions[0].committed, Offset{101});
  EXPECT_EQ(group.partitions[0].lag.step, CommitStep::forward);
}

// The broker may tell the group's commit before it tells the mirror of its append.
TEST_F(GroupWatchTest, ACommitThatIsKnownBeforeItsRecordEndsItsWay) {
  find(100);
  Sent sent = send(7, milliseconds(40));
  clock_.advance(milliseconds(30));
  take(commit(101));
  clock_.advance(milliseconds(500));
  take(commit(101));  // again, later
  acknowledge(sent, 100);
  GroupSnapshot group = of();
  ASSERT_EQ(group.latency.end_to_end.point.count(), 1u);
  EXPECT_LE(median(group.latency.end_to_end.low), 0.041);
  EXPECT_GE(median(group.latency.end_to_end.high), 0.570);
  take(commit(102));
  EXPECT_EQ(of().latency.end_to_end.point.count(), 1u) << "once";
  sent = send(8, milliseconds(40));
  acknowledge(sent, 101);
  EXPECT_EQ(of().latency.end_to_end.point.count(), 1u)
      << "its offset was committed before it was sent: not this record";
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

TEST_F(GroupWatchTest, EachGroupIsJudgedByItself) {
  find(100, "fast");
  take(commit(100, "slow"));
  for (int i = 0; i < 10; ++i) copy(i, 100 + i, milliseconds(30));
  clock_.advance(milliseconds(20));
  take(commit(110, "fast"));
  clock_.advance(milliseconds(5'000));
  take(commit(105, "slow"));
  EXPECT_EQ(of("fast").latency.end_to_end.point.count(), 10u);
  EXPECT_EQ(of("slow").latency.end_to_end.point.count(), 5u);
  EXPECT_GT(median(of("slow").latency.end_to_end.high), 5.0);
  EXPECT_EQ(of("slow").offset_lag, Records{5});
  EXPECT_EQ(of("fast").offset_lag, Records{0});
  EXPECT_EQ(of("fast").catch_up_ms, 0);
}

TEST_F(GroupWatchTest, HeadAgeIsThatOfTheFirstUnreadRecord) {
  find(100);
  copy(1, 100, milliseconds(10));
  clock_.advance(milliseconds(3'000));
  copy(2, 101, milliseconds(10));
  take(commit(101));
  const auto age = of().head_age;  // 1.1 s later
  ASSERT_TRUE(age);
  EXPECT_LE(age->low_us, 1'110'000);
  EXPECT_GE(age->high_us, 1'110'000);
  EXPECT_LT(age->high_us - age->low_us, 300'000);
}

TEST_F(GroupWatchTest, OfWhatWasWrittenBeforeThisProcessTheAgeIsNotKnown) {
  find(50);
  watch_.ends(log_, {{10}, {100}, {100}}, clock_.steady());
  GroupSnapshot group = of();
  EXPECT_EQ(group.offset_lag, Records{50});
  EXPECT_FALSE(group.head_age);
  copy(1, 100, milliseconds(10));
  group = of();
  EXPECT_EQ(group.offset_lag, Records{51});
  EXPECT_FALSE(group.head_age) << "the first unread record was not seen";
  EXPECT_EQ(group.worst_partition, 3);
}

TEST_F(GroupWatchTest, WithoutAnEndThereIsNoLag) {
  find(50);
  const GroupSnapshot group = of();
  EXPECT_EQ(group.unknown_lags, 1);
  EXPECT_EQ(group.offset_lag, Records{0});
  EXPECT_FALSE(group.head_age);
}

TEST_F(GroupWatchTest, ACommitBeyondAnOldEndProvesAnEnd) {
  watch_.ends(log_, {{0}, {100}, {100}}, clock_.steady());
  clock_.advance(milliseconds(10));
  find(120);
  EXPECT_EQ(of().partitions_by_state[static_cast<std::size_t>(LagState::known)], 1);
  watch_.ends(log_, {{0}, {100}, {100}}, clock_.steady());
  EXPECT_EQ(of().partitions_by_state[static_cast<std::size_t>(LagState::ahead_of_end)], 1)
      << "the end was asked for after the commit: the log was cut";
}

TEST_F(GroupWatchTest, WhatAnAbortTookBackIsJudgedOnce) {
  find(100);
  copy(7, 100, milliseconds(40));
  copy(8, 101, milliseconds(40));
  copy(7, 103, milliseconds(60));  // written again, behind the abort's marker
  copy(8, 104, milliseconds(60));
  take(commit(106));
  EXPECT_EQ(of().latency.end_to_end.point.count(), 2u);
}

TEST_F(GroupWatchTest, WhereTheTargetWasCutAllBeginsAnew) {
  find(100);
  copy(7, 100, milliseconds(40));
  copy(7, 60, milliseconds(80));
  clock_.advance(milliseconds(5));
  take(commit(50));
  take(commit(61));
  EXPECT_EQ(of().latency.end_to_end.point.count(), 1u);
}

TEST_F(GroupWatchTest, ADeletedGroupIsGone) {
  find(100);
  copy(7, 100, milliseconds(40));
  take(commit(101));
  ASSERT_EQ(of().latency.end_to_end.point.count(), 1u);
  GroupCommits batch;
  batch.groups.push_back({std::make_shared<const std::string>("sink"), GroupState::dead});
  watch_.take(batch);
  clock_.advance(milliseconds(1'100));
  EXPECT_TRUE(watch_.snapshot()->empty());
  take(commit(101));
  EXPECT_EQ(of().latency.end_to_end.point.count(), 0u) << "another group of its name";
}

TEST_F(GroupWatchTest, ADeletedPositionIsGone) {
  find(100);
  ObservedCommit deleted = commit(0);
  deleted.commit.reset();
  take(deleted);
  clock_.advance(milliseconds(1'100));
  EXPECT_TRUE(watch_.snapshot()->empty());
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

TEST_F(GroupWatchTest, APartitionThatComesBackHasItsGroups) {
  find(100);
  take(commit(101, "other"));
  copy(7, 100, milliseconds(40));
  watch_.forget(log_, true);
  EXPECT_FALSE(log_.is_open);
  GroupWatch::Log anew;
  watch_.open(anew, kSource, kTarget);
  EXPECT_EQ(anew.positions.size(), 2u);
  EXPECT_TRUE(anew.copies.empty());
  take(commit(102));
  EXPECT_EQ(anew.positions.size(), 2u);
  watch_.forget(anew, true);
  GroupCommits batch;
  batch.groups.push_back({std::make_shared<const std::string>("sink"), GroupState::dead});
  watch_.take(batch);
  watch_.open(anew, kSource, kTarget);
  EXPECT_EQ(anew.positions.size(), 1u) << "a group went meanwhile";
  watch_.forget(anew);
}

TEST_F(GroupWatchTest, APartitionThatGoesTakesItsGroupsAlong) {
  find(100);
  watch_.forget(log_);
  take(commit(110));
  clock_.advance(milliseconds(1'100));
  EXPECT_TRUE(watch_.snapshot()->empty());
}

}  // namespace
}  // namespace longspan
