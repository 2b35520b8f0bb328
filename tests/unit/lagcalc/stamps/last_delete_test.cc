#include "lagcalc/stamps/last_delete.h"

#include <gtest/gtest.h>

#include <string>

namespace longspan {
namespace {

ChangeStamps stamps(ChangeOp op, std::int64_t us = 1'795'219'743'138'067) {
  return {Stamp{{us}, 1}, Stamp{{us + 7}, 1}, {}, op};
}
const ChangeStamps kNone{{}, {}, NoCommit::tombstone_without_delete, {}};

TEST(LastDelete, ATombstoneTakesItsDeletesStampsOnce) {
  LastDelete deletes;
  deletes.note("a", stamps(ChangeOp::remove));
  EXPECT_EQ(deletes.tombstone("a"), stamps(ChangeOp::remove));
  EXPECT_EQ(deletes.tombstone("a"), kNone);
}

TEST(LastDelete, AnotherKeysTombstoneTakesNothing) {
  LastDelete deletes;
  EXPECT_EQ(deletes.tombstone("a"), kNone);
  deletes.note("a", stamps(ChangeOp::remove));
  EXPECT_EQ(deletes.tombstone("b"), kNone);
  EXPECT_EQ(deletes.tombstone(std::nullopt), kNone);
  EXPECT_EQ(deletes.tombstone("a"), stamps(ChangeOp::remove));
}

TEST(LastDelete, OtherRecordsInBetweenDoNotMatterUnlessTheKeyLivesAgain) {
  LastDelete deletes;
  deletes.note("a", stamps(ChangeOp::remove));
  deletes.note("b", stamps(ChangeOp::create));
  deletes.note(std::nullopt, stamps(ChangeOp::truncate));
  EXPECT_EQ(deletes.tombstone("a"), stamps(ChangeOp::remove));
  deletes.note("a", stamps(ChangeOp::remove));
  deletes.note("a", stamps(ChangeOp::create));
  EXPECT_EQ(deletes.tombstone("a"), kNone);
}

TEST(LastDelete, OnlyTheLastIsKept) {
  LastDelete deletes;
  deletes.note("a", stamps(ChangeOp::remove, 1));
  deletes.note("b", stamps(ChangeOp::remove, 2));
  EXPECT_EQ(deletes.tombstone("a"), kNone);
  EXPECT_EQ(deletes.tombstone("b"), stamps(ChangeOp::remove, 2));
}

TEST(LastDelete, ADeleteWithoutACommitHandsOnWhy) {
  LastDelete deletes;
  const ChangeStamps bare{{}, {}, NoCommit::missing, ChangeOp::remove};
  deletes.note("a", bare);
  EXPECT_EQ(deletes.tombstone("a"), bare);
}

TEST(LastDelete, TheTombstonesOwnHeadersComeFirst) {
  LastDelete deletes;
  ChangeFields headers;
  headers.shape = ChangeShape::flattened;
  headers.op = ChangeOp::remove;
  EXPECT_EQ(deletes.tombstone("a", headers).op, ChangeOp::remove);
  EXPECT_EQ(deletes.tombstone("a", headers).why, NoCommit::tombstone_without_delete);
  deletes.note("a", stamps(ChangeOp::remove));
  EXPECT_EQ(deletes.tombstone("a", headers), stamps(ChangeOp::remove));
  headers.commit.us = 1'795'219'743'000'000;
  EXPECT_EQ(deletes.tombstone("a", headers).commit, (Stamp{{1'795'219'743'000'000}, 1}));
}

}  // namespace
}  // namespace longspan
