// A CommitFeed that cannot read __consumer_offsets, and one that can again.
#include <gtest/gtest.h>

#include "tests/unit/mirror/groups/commit_feed_on_fakes.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class CommitFeedPolledTest : public CommitFeedOnFakes {
 protected:
  void forbid(bool is_forbidden) {
    for (std::int32_t i = 0; i < kOffsetsPartitions; ++i) {
      cluster_.break_partition(
          {kOffsetsTopic, i},
          is_forbidden ? std::optional(Error{Next::park_partition, kafka_code::kNotAuthorised,
                                             "not authorised", "fake"})
                       : std::nullopt);
    }
  }
  // The only commit that was told since the last time.
  ObservedCommit one() {
    std::vector<ObservedCommit> out;
    for (const auto& batch : std::exchange(batches_, {})) {
      out.insert(out.end(), batch.commits.begin(), batch.commits.end());
    }
    EXPECT_EQ(out.size(), 1u);
    return out.empty() ? ObservedCommit{std::make_shared<const std::string>(""), {}} : out[0];
  }
};

TEST_F(CommitFeedPolledTest, AsksWhereTheTopicIsForbidden) {
  forbid(true);
  commit("sink", kOrders, 3);
  make_feed();
  run_for(seconds(6));
  EXPECT_EQ(told(), "| sink/0=3?");
  commit("sink", kOrders, 4);
  commit("sink", kOrders, 5);
  run_for(seconds(6));
  EXPECT_EQ(told(), "sink/0=5?");
  delete_commit("sink", kOrders);
  run_for(seconds(6));
  EXPECT_EQ(told(), "sink/0=none?");
}

TEST_F(CommitFeedPolledTest, AsksWhereThereIsNoSuchTopic) {
  cluster_.delete_topic(kOffsetsTopic);
  cluster_.commit("sink", kOrders, Offset{3});
  make_feed();
  run_for(seconds(6));
  EXPECT_EQ(told(), "| sink/0=3?");
}

TEST_F(CommitFeedPolledTest, ACommitLiesBetweenTwoLooks) {
  forbid(true);
  commit("sink", kOrders, 3);
  make_feed();
  run_for(seconds(6));
  const auto first = one();
  EXPECT_FALSE(first.seen_after) << "there was no look before";
  ASSERT_TRUE(first.seen_by);
  const auto at = clock_.now_us();
  commit("sink", kOrders, 4);
  run_for(seconds(6));
  const auto second = one();
  EXPECT_FALSE(second.commit->at);
  ASSERT_TRUE(second.seen_after);
  ASSERT_TRUE(second.seen_by);
  EXPECT_LE(*second.seen_after, at);
  EXPECT_GE(*second.seen_by, at);
  EXPECT_LE(second.seen_by->value - second.seen_after->value, 6'000'000);
}

TEST_F(CommitFeedPolledTest, ANewGroupWasNotThereInTheLookBefore) {
  forbid(true);
  make_feed();
  run_for(seconds(6));
  const auto at = clock_.now_us();
  commit("new", kOrders, 4);
  run_for(seconds(6));
  const auto seen = one();
  ASSERT_TRUE(seen.seen_after);
  EXPECT_LE(*seen.seen_after, at);
}

TEST_F(CommitFeedPolledTest, OfAPartitionWantedLaterNothingIsKnownBefore) {
  forbid(true);
  commit("sink", kOrders1, 4);
  make_feed();
  feed_->watch({kOrders});
  run_for(seconds(6));
  EXPECT_EQ(told(), "|");
  feed_->watch({kOrders, kOrders1});
  run_for(seconds(6));
  EXPECT_FALSE(one().seen_after);
}

TEST_F(CommitFeedPolledTest, AGroupThatDoesNotAnswerDeletesNothing) {
  forbid(true);
  commit("sink", kOrders, 3);
  make_feed();
  run_for(seconds(6));
  batches_.clear();
  const auto before = clock_.now_us();
  admin_->group_errors.emplace("sink", Error{Next::retry, 14, "the coordinator loads", ""});
  run_for(seconds(20));
  EXPECT_TRUE(batches_.empty());
  commit("sink", kOrders, 4);
  admin_->group_errors.clear();
  run_for(seconds(6));
  const auto seen = one();
  ASSERT_TRUE(seen.seen_after);
  EXPECT_LE(*seen.seen_after, before) << "the last time it answered";
}

TEST_F(CommitFeedPolledTest, AGroupThatIsGoneHasNoPositions) {
  forbid(true);
  commit("sink", kOrders, 3);
  commit("sink", kOrders1, 4);
  make_feed();
  run_for(seconds(6));
  batches_.clear();
  cluster_.delete_group("sink");
  run_for(seconds(11));
  EXPECT_EQ(states()["sink"], GroupState::dead);
  EXPECT_EQ(told(), "sink/0=none? sink/1=none?");
}

TEST_F(CommitFeedPolledTest, AGroupThatOneListLeavesOutIsThere) {
  forbid(true);
  commit("sink", kOrders, 3);
  make_feed();
  run_for(seconds(6));
  batches_.clear();
  admin_->hidden_groups = {"sink"};
  run_for(seconds(5));
  admin_->hidden_groups.clear();
  run_for(seconds(11));
  EXPECT_TRUE(states().empty());
  EXPECT_EQ(told(), "");
}

TEST_F(CommitFeedPolledTest, WhatIsNotHeardOfIsNotKnown) {
  forbid(true);
  commit("sink", kOrders, 3);
  make_feed();
  run_for(seconds(6));
  batches_.clear();
  cluster_.set_reachable(false);
  run_for(seconds(50));
  EXPECT_EQ(told(), "");
  run_for(seconds(20));
  EXPECT_EQ(told(), "|");
  run_for(seconds(120));
  EXPECT_EQ(told(), "") << "said once";
  cluster_.set_reachable(true);
  run_for(seconds(12));
  EXPECT_EQ(told(), "sink/0=3?");
}

TEST_F(CommitFeedPolledTest, HoweverSeldomItAsksWhatItKnowsHolds) {
  forbid(true);
  commit("sink", kOrders, 3);
  make_feed(".*", "", seconds(300));
  run_for(seconds(10));
  EXPECT_EQ(told(), "| sink/0=3?");
  run_for(seconds(280));
  EXPECT_EQ(told(), "");
  commit("sink", kOrders, 4);
  run_for(seconds(30));
  const auto seen = one();
  EXPECT_TRUE(seen.seen_after);
}

TEST_F(CommitFeedPolledTest, FollowsAgainWhenItMay) {
  forbid(true);
  commit("sink", kOrders, 3);
  make_feed();
  run_for(seconds(300));
  EXPECT_EQ(told(), "| sink/0=3?");
  EXPECT_LE(sources_, 15) << "tried again, but not all the time";
  forbid(false);
  run_for(seconds(62));
  EXPECT_EQ(told(), "| sink/0=3?");
  commit("sink", kOrders, 4);
  run_for(seconds(1));
  EXPECT_EQ(told(), "sink/0=4");
}

TEST_F(CommitFeedPolledTest, AsksWhenItMayNotReadAnyMore) {
  commit("sink", kOrders, 3);
  make_feed();
  run_for(seconds(1));
  EXPECT_EQ(told(), "| sink/0=3?");
  forbid(true);
  commit("sink", kOrders, 4);
  run_for(seconds(8));
  EXPECT_EQ(told(), "| sink/0=4?");
}

// A transaction that hangs keeps the reader from the end: nobody knows what is behind it.
TEST_F(CommitFeedPolledTest, AsksWhereATransactionHangs) {
  commit("sink", kOrders, 3);
  cluster_.open_transaction(offsets_partition("sink"));
  commit("sink", kOrders, 4);
  make_feed();
  run_for(seconds(40));
  EXPECT_EQ(told(), "| sink/0=4?");
  cluster_.close_transaction(offsets_partition("sink"));
  run_for(seconds(62));
  EXPECT_EQ(told(), "| sink/0=4");
}

TEST_F(CommitFeedPolledTest, AsksWhereATransactionBeginsToHang) {
  commit("sink", kOrders, 3);
  make_feed();
  run_for(seconds(60));
  EXPECT_EQ(told(), "| sink/0=3?");
  cluster_.open_transaction(offsets_partition("sink"));
  commit("sink", kOrders, 4);
  run_for(seconds(120));
  EXPECT_EQ(told(), "| | sink/0=4?") << "not known, and then asked for";
  cluster_.close_transaction(offsets_partition("sink"));
  run_for(seconds(62));
  EXPECT_EQ(told(), "| sink/0=4");
}

}  // namespace
}  // namespace longspan
