#include "tests/unit/mirror/hops/group_watch_on_fakes.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/fakes/seed.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;

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

TEST_F(GroupWatchTest, WhatIsRecentIsOfTheLastMinutes) {
  find(100);
  copy(7, 100, milliseconds(40));
  take(commit(101));
  EXPECT_EQ(of().recent->end_to_end.point.count(), 1u);
  clock_.advance(std::chrono::minutes(3));
  EXPECT_FALSE(of().recent);
  EXPECT_EQ(of().latency.end_to_end.point.count(), 1u);
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

// Far more wait for a commit than there is room for: what is told is less exact, and still holds.
TEST_F(GroupWatchTest, WhatStandsForOthersCoversThem) {
  for (const std::uint64_t seed : test_seeds(seed_count(10))) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    GroupWatch watch(clock_, hops_, {.is_on = true});
    GroupWatch::Log log;
    watch.open(log, kSource, kTarget);
    GroupCommits nothing;
    nothing.is_first = true;
    watch.take(nothing);
    std::vector<double> begun;  // by offset
    const auto now = [&] { return static_cast<double>(clock_.now_us().value) / 1e6; };
    passage_ = {};
    for (int i = 0; i < 5'000; ++i) {
      const auto ago = milliseconds(random() % 2'000);
      begun.push_back(now() - std::chrono::duration<double>(ago).count());
      std::vector<HopWatch::Sampled> sampled;
      const Sent sent = send(i, ago);
      hops_.acked(passage_, kSource, {sent.source, sent.source.next()}, &sampled);
      watch.copied(log, {i}, 1, sent.at);
      for (auto& each : sampled) watch.copied(log, {each.source, {i}, each.stands_for, each.times});
      clock_.advance(milliseconds(random() % 100 == 0 ? random() % 2'000 : random() % 5));
    }
    ASSERT_LE(log.copies.size(), GroupWatch::kCopiesUnread + 1);
    std::vector<double> truth;
    GroupCommits batch;
    batch.commits.push_back(commit(5'000));
    watch.take(batch);
    for (const double at : begun) truth.push_back(now() - at);
    std::ranges::sort(truth);
    clock_.advance(milliseconds(1'100));
    const auto groups = watch.snapshot();
    ASSERT_EQ(groups->size(), 1u);
    const auto& told = groups->front().latency.end_to_end;
    ASSERT_EQ(told.high.count(), 5'000u);
    for (const double q : {0.01, 0.25, 0.5, 0.9, 0.99, 1.0}) {
      const double seen = truth[static_cast<std::size_t>(q * 4'999)];
      EXPECT_GE(told.high.quantile(q).value_or(0), seen * 0.97) << q;  // a bucket is 2 %
      EXPECT_LE(told.low.quantile(q).value_or(1e9), seen * 1.03) << q;
      EXPECT_LE(told.high.quantile(q).value_or(1e9), seen * 1.3 + 4) << q;
    }
  }
}

TEST_F(GroupWatchTest, WhatTellsNoCommitTimeTakesItFromNoOther) {
  GroupCommits nothing;
  nothing.is_first = true;
  watch_.take(nothing);
  for (int i = 0; i < 8'000; ++i) {
    if (i % 10 > 0) {
      copy(i, i, milliseconds(40));
    } else {
      RecordStamps stamps;  // of its commit nobody knows
      stamps.fetched = stamps.produced = stamps.acked = hops_.now();
      watch_.copied(log_, {{i}, {i}, 1, RecordTimes(stamps, {})});
    }
    clock_.advance(milliseconds(1));
  }
  take(commit(8'000));
  const auto& told = of().latency.end_to_end;
  EXPECT_GT(told.point.count(), 6'800u) << "of 7,200 that tell one";
  EXPECT_EQ(told.point.count() + told.tally.absent + told.tally.one_sided, 8'000u);
}

// It may report to two processes, and one of them hands it on by way of the cluster.
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
  clock_.advance(milliseconds(5'000));
  group = of();
  EXPECT_FALSE(group.head_age);
  EXPECT_NEAR(static_cast<double>(group.waits_us.value_or(0)), 6e6, 1.3e6) << "another one was";
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
