// Objectives burn while a sink stands still, before it commits.

#include "tests/unit/mirror/hops/group_watch_on_fakes.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class OverdueTest : public GroupWatchTest {
 protected:
  OverdueTest() {
    judged_.open(log_, kSource, kTarget);
    for (int i = 0; i < 5; ++i) copy(10 + i, 100 + i, milliseconds(20));
    clock_.advance(milliseconds(100));
    give(commit(100));
    give(commit(102));
  }
  void give(ObservedCommit seen) {
    GroupCommits batch;
    batch.groups.push_back({seen.group, GroupState::stable});
    batch.commits.push_back(std::move(seen));
    judged_.take(batch);
  }
  SloCounts counts(const std::string& group = "sink") {
    clock_.advance(milliseconds(1'100));
    std::ignore = judged_.snapshot();
    for (const auto& each : *slos_.snapshot(hops_.now())) {
      if (each.group == group) return each.total;
    }
    return {};
  }

  SloWatch slos_{*make_objectives({"orders:p99<2s@30d", "ord.*:p50<10s@30d"})};
  GroupWatch judged_{clock_, hops_, {.is_on = true}, nullptr, &slos_};
};

TEST_F(OverdueTest, WhatNoObjectiveWouldCallGoodIsBadAtOnce) {
  EXPECT_EQ(counts(), (SloCounts{2, 0, 0}));
  clock_.advance(seconds(15));
  EXPECT_EQ(counts(), (SloCounts{2, 0, 0})) << "a commit may be on its way to us";
  clock_.advance(seconds(30));
  EXPECT_EQ(counts(), (SloCounts{2, 3, 0}));
  EXPECT_EQ(counts(), (SloCounts{2, 3, 0})) << "once";
  copy(15, 105, milliseconds(20));
  EXPECT_EQ(counts(), (SloCounts{2, 3, 0}));
  give(commit(106));
  EXPECT_EQ(counts(), (SloCounts{3, 3, 0})) << "those that were overdue are not judged again";
}

// A group that is set back reads again what was judged.
TEST_F(OverdueTest, AGroupThatIsSetBackIsNotJudgedAgain) {
  clock_.advance(seconds(60));
  EXPECT_EQ(counts(), (SloCounts{2, 3, 0}));
  give(commit(100));
  EXPECT_EQ(counts(), (SloCounts{2, 3, 0}));
  give(commit(105));
  EXPECT_EQ(counts(), (SloCounts{2, 3, 0}));
}

// Of a group whose positions are asked for anew nothing is known meanwhile.
TEST_F(OverdueTest, AnUnknownPositionIsNotLate) {
  GroupCommits nothing;
  nothing.is_first = true;
  judged_.take(nothing);
  clock_.advance(seconds(60));
  EXPECT_EQ(counts(), (SloCounts{2, 0, 0}));
}

}  // namespace
}  // namespace longspan
