// What the ends of both logs tell, also while nothing moves.
#include "tests/unit/mirror/shard_fixture.h"

namespace longspan {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class ShardWatch : public ShardTest {
 protected:
  // What the surveyor tells once a second, for some time.
  void watch(ProcessOnFakes& one, std::chrono::seconds time) {
    for (int i = 0; i < time.count(); ++i) {
      const auto orders = WorldOnFakes::orders(0);
      LogEnds ends;
      ends.source[orders] = ends_of(world.source.at(orders));
      ends.target[orders] = ends_of(world.target.at(WorldOnFakes::copies(0)));
      ends.is_target_known = true;
      one.tell(ends);
      one.steps(3);
      world.clock.advance(std::chrono::milliseconds(900));
    }
  }
  static PartitionEnds ends_of(const FakePartition& log) {
    return {log.start, log.end, log.stable_end()};
  }
  [[nodiscard]] std::vector<Event> told(EventKind kind) { return world.events(kSlot, kind); }
};

TEST_F(ShardWatch, ATransactionThatStaysOpenIsToldOnce) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  world.source.open_transaction(WorldOnFakes::orders(0));
  world.fill(0, 5);
  watch(one, std::chrono::seconds(50));
  EXPECT_THAT(told(EventKind::source_transaction_hung), IsEmpty());
  watch(one, std::chrono::seconds(60));
  const auto hung = told(EventKind::source_transaction_hung);
  ASSERT_THAT(hung, SizeIs(1));
  EXPECT_EQ(hung[0].from, Offset{10});
  EXPECT_EQ(hung[0].to, Offset{15});
  EXPECT_THAT(one.snapshot(0)->reason, testing::HasSubstr("open transaction"));
  world.source.close_transaction(WorldOnFakes::orders(0));
  watch(one, std::chrono::seconds(3));
  EXPECT_EQ(one.snapshot(0)->reason, "");
}

// The target stands still, and with it whoever tells ends.
TEST_F(ShardWatch, WhatOnlyGrowsHasNoEnd) {
  ProcessOnFakes one(world);
  begin(one);
  for (int second = 0; second < 60; ++second) {
    world.fill(0, 5);
    watch(one, std::chrono::seconds(1));
  }
  one.sink()->hold_acks = true;
  world.fill(0, 5);
  watch(one, std::chrono::seconds(1));
  for (int second = 0; second < 20; ++second) {
    world.fill(0, 5);
    one.steps(3);
    world.clock.advance(std::chrono::milliseconds(900));
    const auto seen = one.snapshot(0);
    ASSERT_GT(seen->offset_lag->count, 0);
    EXPECT_FALSE(seen->catch_up_ms) << second << " s: " << *seen->catch_up_ms << " ms";
  }
}

TEST_F(ShardWatch, BytesBehindAreToldByTheSizeOfWhatWasMirrored) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  one.steps(1);
  const auto early = one.snapshot(0);
  EXPECT_FALSE(early && early->bytes_lag_estimate);
  ASSERT_TRUE(persists(one, 10));
  one.sink()->hold_acks = true;
  world.fill(0, 5);
  watch(one, std::chrono::seconds(3));
  const auto behind = one.snapshot(0);
  ASSERT_EQ(behind->offset_lag, Records{5});
  ASSERT_GT(behind->bytes_total, 0);
  ASSERT_TRUE(behind->bytes_lag_estimate);
  EXPECT_NEAR(static_cast<double>(*behind->bytes_lag_estimate),
              static_cast<double>(behind->bytes_total) / 2, 1.0);
  one.sink()->hold_acks = false;
  ASSERT_TRUE(persists(one, 15));
  EXPECT_EQ(one.snapshot(0)->bytes_lag_estimate, 0);
}

TEST_F(ShardWatch, APartitionThatTheLibraryForgotIsReadAgain) {
  for (const bool for_good : {false, true}) {
    const auto before = world.written(0).size();
    ProcessOnFakes one(world, for_good ? 2 : 1);
    begin(one);
    ASSERT_TRUE(one.step_until([&] { return one.source() && one.source()->started() > 0; }));
    one.steps(20);
    for (PartitionIndex i = 0; i < 20; ++i) one.source()->fall_silent(i, for_good);
    world.fill(0, 10);
    watch(one, std::chrono::seconds(8));
    EXPECT_THAT(world.written(0), SizeIs(before));
    watch(one, std::chrono::seconds(for_good ? 40 : 7));
    EXPECT_THAT(world.written(0), SizeIs(before + 10)) << "for good: " << for_good;
    one.kill();
  }
}

TEST_F(ShardWatch, ManyShortTransactionsAreNoHungOne) {
  ProcessOnFakes one(world);
  begin(one);
  world.fill(0, 1);
  ASSERT_TRUE(persists(one, 1));
  for (int i = 0; i < 100; ++i) {
    world.source.open_transaction(WorldOnFakes::orders(0));
    world.fill(0, 1);
    watch(one, std::chrono::seconds(1));
    world.source.close_transaction(WorldOnFakes::orders(0));
  }
  EXPECT_THAT(told(EventKind::source_transaction_hung), IsEmpty());
}

TEST_F(ShardWatch, CopiesThatTheTargetDeletesAtOnceAreTold) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  watch(one, std::chrono::seconds(5));
  world.fill(0, 20);
  ASSERT_TRUE(persists(one, 30));
  world.target.set_log_start(WorldOnFakes::copies(0), Offset{25});
  watch(one, std::chrono::seconds(3));
  const auto expired = told(EventKind::expired_at_target);
  ASSERT_THAT(expired, SizeIs(1));
  EXPECT_EQ(expired[0].from, Offset{10});
  EXPECT_EQ(expired[0].to, Offset{25});
}

TEST_F(ShardWatch, WhatTheTargetDeletesInDueTimeIsNotTold) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  watch(one, std::chrono::seconds(90));
  world.target.set_log_start(WorldOnFakes::copies(0), Offset{10});
  watch(one, std::chrono::seconds(5));
  EXPECT_THAT(told(EventKind::expired_at_target), IsEmpty());
}

TEST_F(ShardWatch, ATargetThatAcknowledgesNothingIsToldUntilItDoes) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  one.sink()->hold_acks = true;
  world.fill(0, 10);
  watch(one, std::chrono::seconds(3));
  EXPECT_THAT(told(EventKind::target_unwritable), IsEmpty());
  watch(one, std::chrono::seconds(10));
  EXPECT_EQ(one.snapshot(0)->state, PartitionState::parked);
  EXPECT_THAT(one.snapshot(0)->reason, testing::HasSubstr("min.insync.replicas"));
  one.sink()->hold_acks = false;
  ASSERT_TRUE(persists(one, 20));
  const auto unwritable = told(EventKind::target_unwritable);
  ASSERT_THAT(unwritable, SizeIs(1));
  EXPECT_EQ(unwritable[0].from, Offset{10});
  EXPECT_EQ(unwritable[0].to, Offset{20});
  EXPECT_THAT(told(EventKind::partition_resumed), SizeIs(1));
  one.steps(50);
  EXPECT_EQ(one.snapshot(0)->state, PartitionState::active);
}

TEST_F(ShardWatch, ATargetThatLosesCopiesIsNoticedWhileNothingMoves) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  watch(one, std::chrono::seconds(3));
  world.target.truncate(WorldOnFakes::copies(0), Offset{7});
  watch(one, std::chrono::seconds(3));
  const auto lost = told(EventKind::target_truncated);
  ASSERT_THAT(lost, SizeIs(1));
  EXPECT_EQ(lost[0].from, Offset{7});
  EXPECT_EQ(lost[0].to, Offset{10});
  EXPECT_EQ(lost[0].source_from, Offset{7});
  EXPECT_EQ(lost[0].source_to, Offset{10});
  EXPECT_EQ(one.snapshot(0)->state, PartitionState::parked);
}

TEST_F(ShardWatch, AfterALongStandstillDeletesMayBeLost) {
  world.fill(0, 10);
  {
    ProcessOnFakes before(world);
    begin(before);
    ASSERT_TRUE(persists(before, 10));
    before.kill();
  }
  const TopicSettings compacted{{}, {}, {{"orders", std::chrono::hours(24)}}};
  {
    // Caught up: nothing can be missing, however long it stood.
    world.clock.advance(std::chrono::hours(30));
    ProcessOnFakes one(world, 2);
    one.tell(compacted);
    begin(one);
    one.steps(100);
    EXPECT_THAT(told(EventKind::deletes_may_be_lost), IsEmpty());
    world.fill(0, 1);
    ASSERT_TRUE(persists(one, 11));
    one.kill();
  }
  world.fill(0, 10);
  world.clock.advance(std::chrono::hours(25));
  ProcessOnFakes two(world, 3);
  two.tell(compacted);
  begin(two);
  ASSERT_TRUE(persists(two, 21));
  const auto lost = told(EventKind::deletes_may_be_lost);
  ASSERT_THAT(lost, SizeIs(1));
  EXPECT_EQ(lost[0].from, Offset{11});
  EXPECT_EQ(lost[0].to, Offset{21});
}

}  // namespace
}  // namespace longspan
