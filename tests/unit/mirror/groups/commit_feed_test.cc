#include "mirror/groups/commit_feed.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "mirror/groups/sink_commits.h"
#include "tests/fakes/seed.h"
#include "tests/unit/mirror/groups/commit_feed_on_fakes.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class CommitFeedTest : public CommitFeedOnFakes {};

TEST_F(CommitFeedTest, TellsASnapshotAndThenEachCommit) {
  commit("sink", kOrders, 1);
  commit("sink", kOrders, 2);
  make_feed();
  run_for(seconds(2));
  EXPECT_EQ(told(), "| sink/0=2?");
  commit("sink", kOrders, 3);
  commit("sink", kOrders1, 7);
  commit("sink", kOrders, 4);
  run_for(seconds(2));
  EXPECT_EQ(told(), "sink/0=3 sink/1=7 sink/0=4");
  EXPECT_EQ(sources_, 1);
}

TEST_F(CommitFeedTest, ACommitNamesItsTimeItsEpochAndItsCoordinator) {
  make_feed();
  run_for(seconds(1));
  batches_.clear();
  const auto at = clock_.now();
  commit("sink", kOrders, 3);
  run_for(seconds(1));
  ASSERT_EQ(batches_.size(), 1u);
  ASSERT_EQ(batches_[0].commits.size(), 1u);
  const auto& seen = batches_[0].commits[0];
  EXPECT_TRUE(seen.is_exact);
  EXPECT_EQ(seen.commit->at, at);
  EXPECT_EQ(seen.commit->leader_epoch, 4);
  EXPECT_EQ(seen.coordinator, 1);
  EXPECT_FALSE(seen.seen_after);
  EXPECT_FALSE(seen.seen_by);
}

TEST_F(CommitFeedTest, TheSnapshotSaysWhenItWasSeen) {
  commit("sink", kOrders, 3);
  make_feed();
  const TimestampUs before{clock_.now().value * 1000};
  run_for(seconds(1));
  ASSERT_FALSE(batches_.empty());
  const auto& seen = batches_[0].commits.at(0);
  EXPECT_FALSE(seen.commit->at);
  EXPECT_FALSE(seen.coordinator);
  EXPECT_FALSE(seen.seen_after);
  ASSERT_TRUE(seen.seen_by);
  EXPECT_GE(*seen.seen_by, before);
}

TEST_F(CommitFeedTest, TellsWhatIsDeleted) {
  commit("sink", kOrders, 3);
  make_feed();
  run_for(seconds(1));
  delete_commit("sink", kOrders);
  run_for(seconds(1));
  EXPECT_EQ(told(), "| sink/0=3? sink/0=none");
}

TEST_F(CommitFeedTest, APositionBelowZeroIsNone) {
  make_feed();
  run_for(seconds(1));
  append_commit("sink", kOrders, -1);
  run_for(seconds(1));
  EXPECT_EQ(told(), "| sink/0=none");
}

TEST_F(CommitFeedTest, OnlyWhatIsWanted) {
  commit("sink", {"elsewhere", 0}, 3);
  commit("sink-test", kOrders, 3);
  commit("other", kOrders, 3);
  make_feed("sink.*", ".*-test");
  run_for(seconds(1));
  commit("sink", {"elsewhere", 0}, 4);
  commit("sink", kOrders, 5);
  commit("sink-test", kOrders, 6);
  commit("other", kOrders, 7);
  run_for(seconds(12));
  EXPECT_EQ(states(), (std::map<std::string, GroupState>{{"sink", GroupState::empty}}));
  EXPECT_EQ(told(), "| sink/0=5");
}

TEST_F(CommitFeedTest, AsksNothingWhileNoPartitionIsWanted) {
  commit("sink", kOrders, 3);
  make_feed();
  feed_->watch({});
  run_for(seconds(60));
  EXPECT_EQ(admin_, nullptr);
  EXPECT_EQ(sources_, 0);
  feed_->watch({kOrders});
  run_for(seconds(1));
  EXPECT_EQ(told(), "| sink/0=3?");
  feed_->watch({});
  feed_->turn();
  const int calls = admin_->calls;
  run_for(seconds(60));
  EXPECT_EQ(admin_->calls, calls);
}

TEST_F(CommitFeedTest, OfTransactionsOnlyWhatIsCommitted) {
  make_feed();
  run_for(seconds(1));
  cluster_.append_aborted(offsets_partition("sink"),
                          {commit_key("sink", kOrders), commit_value(8), clock_.now(), {}});
  cluster_.open_transaction(offsets_partition("sink"));
  append_commit("sink", kOrders, 9);
  run_for(seconds(1));
  EXPECT_EQ(told(), "|");
  cluster_.close_transaction(offsets_partition("sink"));
  run_for(seconds(1));
  EXPECT_EQ(told(), "sink/0=9");
}

// Begun while a transaction is open: what is in it is behind the stable end, and before the end.
TEST_F(CommitFeedTest, ATransactionThatIsOpenAtTheStartIsNotMissed) {
  cluster_.open_transaction(offsets_partition("sink"));
  append_commit("sink", kOrders, 9);
  make_feed();
  run_for(seconds(1));
  EXPECT_EQ(told(), "");
  cluster_.close_transaction(offsets_partition("sink"));
  cluster_.commit("sink", kOrders, Offset{9});
  run_for(seconds(1));
  EXPECT_EQ(told(), "| sink/0=9");
}

TEST_F(CommitFeedTest, WhatIsWantedLaterIsAskedForAlone) {
  commit("sink", kOrders, 3);
  commit("sink", kOrders1, 4);
  make_feed();
  feed_->watch({kOrders});
  run_for(seconds(1));
  EXPECT_EQ(told(), "| sink/0=3?");
  feed_->watch({kOrders, kOrders1});
  run_for(seconds(1));
  EXPECT_EQ(told(), "sink/1=4?");
  // Also where it was given up for a moment.
  feed_->watch({kOrders});
  feed_->watch({kOrders, kOrders1});
  run_for(seconds(1));
  EXPECT_EQ(told(), "sink/1=4?");
}

TEST_F(CommitFeedTest, AGroupThatDoesNotAnswerIsAskedAgain) {
  commit("late", kOrders, 3);
  commit("late", kOrders1, 4);
  commit("sink", kOrders, 5);
  const Error loading{Next::retry, 14, "the coordinator loads", ""};
  prepare_ = [&](FakeAdmin& admin) { admin.group_errors.emplace("late", loading); };
  make_feed();
  run_for(seconds(1));
  EXPECT_EQ(told(), "| sink/0=5?");
  commit("late", kOrders, 6);
  admin_->group_errors.clear();
  run_for(seconds(12));
  EXPECT_EQ(told(), "late/0=6 late/1=4?");  // what a record told is not told again
}

TEST_F(CommitFeedTest, StatesComeFromRecordsAndFromTheList) {
  commit("sink", kOrders, 3);
  commit("newer", kOrders, 3);
  prepare_ = [](FakeAdmin& admin) {
    admin.group_states = {{"sink", GroupState::stable}, {"newer", GroupState::unknown}};
  };
  make_feed();
  run_for(seconds(1));
  EXPECT_EQ(states(), (std::map<std::string, GroupState>{{"newer", GroupState::unknown},
                                                         {"sink", GroupState::stable}}));
  admin_->group_states["sink"] = GroupState::empty;
  append_group("sink", 0);
  run_for(seconds(2));
  EXPECT_EQ(states()["sink"], GroupState::empty);
  admin_->group_states["newer"] = GroupState::stable;
  run_for(seconds(11));
  EXPECT_EQ(states()["newer"], GroupState::stable);
  batches_.clear();
  run_for(seconds(30));
  EXPECT_TRUE(batches_.empty()) << "nothing changed";
  cluster_.delete_group("newer");
  run_for(seconds(13));
  EXPECT_EQ(states(), (std::map<std::string, GroupState>{{"newer", GroupState::dead}}));
}

TEST_F(CommitFeedTest, ACommitOfASinkHasItsOwnTime) {
  make_feed("nobody");
  run_for(seconds(1));
  batches_.clear();
  const std::string group = sink_group("warehouse");
  const auto report = [&](std::int64_t offset, std::optional<TimestampMs> at) {
    cluster_.append(offsets_partition(group), commit_key(group, kOrders),
                    commit_value(offset, sink_metadata(at)));
    cluster_.commit(group, kOrders, Offset{offset});
    run_for(seconds(1));
    const auto seen = batches_.back().commits.at(0);
    EXPECT_TRUE(seen.is_of_sink);
    EXPECT_FALSE(seen.coordinator) << "its clock did not write it";
    EXPECT_EQ(seen.commit->offset, Offset{offset});
    return seen;
  };
  EXPECT_EQ(report(5, TimestampMs{1'234}).commit->at, TimestampMs{1'234});
  const auto without = report(6, {});
  EXPECT_FALSE(without.commit->at);
  EXPECT_TRUE(without.seen_by);
  run_for(seconds(11));
  EXPECT_EQ(states()[group], GroupState::stable) << "it has no members, and is there";
}

TEST_F(CommitFeedTest, AListThatIsNotWholeEndsNoGroup) {
  commit("sink", kOrders, 3);
  make_feed();
  run_for(seconds(1));
  batches_.clear();
  admin_->listing_error = Error{Next::retry, 7, "a broker is away", ""};
  cluster_.delete_group("sink");
  run_for(seconds(30));
  EXPECT_TRUE(states().empty());
  admin_->listing_error.reset();
  run_for(seconds(13));
  EXPECT_EQ(states()["sink"], GroupState::dead);
}

TEST_F(CommitFeedTest, AGroupThatOneListLeavesOutIsThere) {
  commit("sink", kOrders, 3);
  make_feed();
  run_for(seconds(9));
  batches_.clear();
  admin_->hidden_groups = {"sink"};
  const int lists = admin_->lists;
  while (admin_->lists == lists) run_for(std::chrono::milliseconds(100));
  admin_->hidden_groups.clear();
  run_for(seconds(30));
  EXPECT_TRUE(states().empty());
}

TEST_F(CommitFeedTest, BeginsAnewWhenTheLogMovedOn) {
  commit("sink", kOrders, 3);
  make_feed();
  run_for(seconds(1));
  EXPECT_EQ(told(), "| sink/0=3?");
  for (int i = 4; i < 8; ++i) commit("sink", kOrders, i);
  const auto at = offsets_partition("sink");
  cluster_.set_log_start(at, cluster_.at(at).end);
  run_for(seconds(3));
  EXPECT_EQ(told(), "| sink/0=7?");
  commit("sink", kOrders, 8);
  run_for(seconds(1));
  EXPECT_EQ(told(), "sink/0=8");
}

TEST_F(CommitFeedTest, BeginsAnewWhenItIsTold) {
  commit("sink", kOrders, 3);
  make_feed();
  run_for(seconds(1));
  feed_->begin_anew();
  run_for(seconds(1));
  EXPECT_EQ(told(), "| sink/0=3? | sink/0=3?");
}

TEST_F(CommitFeedTest, GoesOnAfterTheClusterWasAway) {
  commit("sink", kOrders, 3);
  make_feed();
  cluster_.set_reachable(false);
  run_for(seconds(120));
  EXPECT_EQ(told(), "");
  cluster_.set_reachable(true);
  run_for(seconds(12));
  EXPECT_EQ(told(), "| sink/0=3?");
  cluster_.set_reachable(false);
  run_for(seconds(20));
  cluster_.set_reachable(true);
  commit("sink", kOrders, 4);
  run_for(seconds(2));
  EXPECT_EQ(told(), "sink/0=4");
  cluster_.set_reachable(false);
  run_for(seconds(120));
  EXPECT_EQ(told(), "|") << "others may have gone on for so long";
  cluster_.set_reachable(true);
  run_for(seconds(12));
  EXPECT_EQ(told(), "| sink/0=4?");
}

TEST_F(CommitFeedTest, ACoordinatorIsUnknownUntilTheNewOneIsAskedFor) {
  make_feed();
  const auto at = offsets_partition("sink");
  commit("sink", kOrders, 1);
  run_for(seconds(1));
  batches_.clear();
  const auto writer = [&](std::int64_t offset) {
    commit("sink", kOrders, offset);
    run_for(milliseconds(1500));
    return std::exchange(batches_, {}).at(0).commits.at(0).coordinator;
  };
  EXPECT_EQ(writer(2), 1);
  cluster_.elect(at);
  admin_->leaders_of[at] = 2;
  EXPECT_EQ(writer(3), std::nullopt);
  EXPECT_EQ(writer(4), 2);
}

TEST_F(CommitFeedTest, WhoeverDoesNotTakeBatchesGetsTheNewestOfEach) {
  keeps_ = true;
  batch_max_ = 5'000;
  make_feed();
  run_for(seconds(1));
  const auto before = batches_.size();
  for (std::int64_t i = 1; i <= 40'000; ++i) {
    append_commit("sink", (i % 2) == 0 ? kOrders : kOrders1, i);
    if (i % 1'000 == 0) run_for(milliseconds(200));
  }
  run_for(seconds(60));
  EXPECT_EQ(batches_.size() - before, CommitBatches::kBatchesMax - before);
  batches_.clear();
  kept_.clear();
  run_for(seconds(1));
  std::size_t count = 0;
  for (const auto& batch : batches_) count += batch.commits.size();
  EXPECT_LE(count, 2 * GatheredCommits::kCommitsMax);
  ASSERT_GT(count, 0u);
  const auto& last = batches_.back().commits;
  EXPECT_EQ(text_of(last[last.size() - 2]), "sink/1=39999");
  EXPECT_EQ(text_of(last.back()), "sink/0=40000");
}

// Groups commit at any time, also while they are asked; partitions come and go; the log moves on.
// What was told is what happened: in its order, and in the end what the cluster says.
TEST_F(CommitFeedTest, TellsWhatHappenedInItsOrder) {
  for (const auto seed : test_seeds(60)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    seed_ = seed;
    clock_ = {};
    cluster_ = FakeCluster("target", &clock_);
    cluster_.create_topic(kOffsetsTopic, kOffsetsPartitions);
    batches_.clear();
    std::map<Pair, Offset> known;
    std::map<Pair, Offset> newest;
    CommitFeed::Partitions watched{kOrders, kOrders1};
    const auto take = [&] {
      for (const auto& batch : std::exchange(batches_, {})) {
        if (batch.is_first) known.clear();
        for (const auto& commit : batch.commits) {
          const Pair pair(*commit.group, commit.partition);
          if (!commit.commit || !watched.contains(commit.partition)) {
            known.erase(pair);
            continue;
          }
          EXPECT_GE(commit.commit->offset, newest[pair]) << text_of(commit);  // they only rise
          known[pair] = newest[pair] = commit.commit->offset;
        }
      }
    };
    // What is known of a partition is forgotten with it.
    const auto watch = [&](CommitFeed::Partitions partitions) {
      take();
      watched = partitions;
      std::erase_if(known, [&](const auto& at) { return !watched.contains(at.first.second); });
      feed_->watch(std::move(partitions));
    };
    std::int64_t next = 1;
    const auto step = [&] {
      const std::string group(1, static_cast<char>('a' + random() % 4));
      const auto& partition = random() % 2 == 0 ? kOrders : kOrders1;
      if (random() % 8 == 0) {
        delete_commit(group, partition);
      } else {
        commit(group, partition, next++);
      }
    };
    make_feed();
    feed_->turn();
    admin_->before_group_offsets = [&] {
      if (random() % 2 == 0) step();
    };
    for (int i = 0; i < 150; ++i) {
      if (random() % 3 != 0) step();
      if (random() % 40 == 0) feed_->begin_anew();
      if (random() % 20 == 0) watch({kOrders1});
      if (random() % 10 == 0) watch({kOrders, kOrders1});
      if (random() % 60 == 0) {
        const TopicPartition at{kOffsetsTopic, static_cast<std::int32_t>(random() % 3)};
        cluster_.set_log_start(at, cluster_.at(at).end);
      }
      clock_.advance(std::max(feed_->turn(), milliseconds(random() % 300)));
    }
    admin_->before_group_offsets = {};
    watch({kOrders, kOrders1});
    run_for(seconds(5));
    take();
    EXPECT_EQ(known, committed());
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace longspan
