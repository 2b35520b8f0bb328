#include "mirror/groups/commit_batches.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

ObservedCommit commit(const std::string& group, std::int32_t partition, std::int64_t offset) {
  return {std::make_shared<const std::string>(group), {"t", partition}, GroupCommit{{offset}}};
}

class CommitBatchesTest : public testing::Test {
 protected:
  std::vector<std::shared_ptr<const GroupCommits>> out_;
  CommitBatches batches_{
      [this](std::shared_ptr<const GroupCommits> batch) { out_.push_back(std::move(batch)); }};
};

TEST_F(CommitBatchesTest, CutsWhatIsTooMuchForOne) {
  batches_.begin_anew();
  for (std::int64_t i = 0; i < 15'000; ++i) batches_.add(commit("g", static_cast<int>(i), i));
  batches_.hand_over();
  ASSERT_EQ(out_.size(), 2u);
  EXPECT_EQ(out_[0]->commits.size(), GatheredCommits::kCommitsMax);
  EXPECT_EQ(out_[1]->commits.size(), 5'000u);
  EXPECT_TRUE(out_[0]->is_first);
  EXPECT_FALSE(out_[1]->is_first);
  EXPECT_EQ(out_[1]->commits[0].commit->offset, Offset{10'000});
}

TEST_F(CommitBatchesTest, AFirstBatchIsToldAlsoWhenItIsEmpty) {
  batches_.hand_over();
  EXPECT_TRUE(out_.empty());
  batches_.begin_anew();
  batches_.hand_over();
  ASSERT_EQ(out_.size(), 1u);
  EXPECT_TRUE(out_[0]->is_first);
}

TEST_F(CommitBatchesTest, WhatWasGatheredBeforeTheFirstIsVoid) {
  batches_.add(commit("g", 0, 1));
  batches_.begin_anew();
  batches_.add(commit("g", 0, 2));
  batches_.hand_over();
  ASSERT_EQ(out_.size(), 1u);
  ASSERT_EQ(out_[0]->commits.size(), 1u);
  EXPECT_EQ(out_[0]->commits[0].commit->offset, Offset{2});
}

TEST_F(CommitBatchesTest, KeepsTheNewestOfEachWhileNobodyTakesThem) {
  for (std::size_t i = 0; i < CommitBatches::kBatchesMax; ++i) {
    batches_.add(commit("g", 0, 0));
    batches_.hand_over();
  }
  ASSERT_EQ(out_.size(), CommitBatches::kBatchesMax);
  for (std::int64_t i = 1; i <= 100'000; ++i) {
    batches_.add(commit(i % 2 == 0 ? "g" : "h", static_cast<std::int32_t>(i % 3), i));
    batches_.hand_over();
  }
  EXPECT_EQ(out_.size(), CommitBatches::kBatchesMax);
  out_.clear();
  batches_.hand_over();
  std::map<std::pair<std::string, std::int32_t>, Offset> newest;
  std::size_t count = 0;
  for (const auto& batch : out_) {
    for (const auto& one : batch->commits) {
      ++count;
      auto& offset = newest[{*one.group, one.partition.partition}];
      EXPECT_LT(offset, one.commit->offset) << "in order";
      offset = one.commit->offset;
    }
  }
  EXPECT_LE(count, GatheredCommits::kCommitsMax);
  EXPECT_EQ(newest.size(), 6u);
  for (const auto& [pair, offset] : newest) EXPECT_GT(offset.value, 100'000 - 6);
}

TEST_F(CommitBatchesTest, MorePairsThanABatchHoldsAreAllKept) {
  for (std::size_t i = 0; i < CommitBatches::kBatchesMax; ++i) {
    batches_.begin_anew();
    batches_.hand_over();
  }
  for (std::int32_t round = 0; round < 4; ++round) {
    for (std::int32_t p = 0; p < 25'000; ++p) batches_.add(commit("g", p, round));
  }
  out_.clear();
  batches_.hand_over();
  std::map<std::int32_t, Offset> newest;
  for (const auto& batch : out_) {
    EXPECT_LE(batch->commits.size(), GatheredCommits::kCommitsMax);
    for (const auto& one : batch->commits) newest[one.partition.partition] = one.commit->offset;
  }
  EXPECT_EQ(newest.size(), 25'000u);
  for (const auto& [partition, offset] : newest) EXPECT_EQ(offset, Offset{3}) << partition;
}

TEST_F(CommitBatchesTest, OfAGroupTheLastStateStays) {
  GatheredCommits gathered;
  const auto group = std::make_shared<const std::string>("g");
  for (int i = 0; i < 30'000; ++i) gathered.add(GroupSeen{group, GroupState::rebalancing});
  gathered.add(GroupSeen{group, GroupState::stable});
  const auto groups = gathered.take_groups();
  EXPECT_LE(groups.size(), GatheredCommits::kCommitsMax);
  EXPECT_EQ(groups.back().state, GroupState::stable);
}

}  // namespace
}  // namespace longspan
