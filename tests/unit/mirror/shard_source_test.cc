// What the source does to a shard: trouble, losses, more partitions than it was made for.
#include "tests/unit/mirror/shard_fixture.h"

namespace longspan {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// --- trouble at the source ---

TEST_F(ShardTest, CountsTheGapOfExpiredSourceRecords) {
  world.flow.on_data_loss = OnDataLoss::go_on;
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  one.command(kSlot, CommandKey{}, CommandKind::pause);
  one.steps(10);
  world.fill(0, 20);
  world.source.set_log_start(WorldOnFakes::orders(0), Offset{25});
  one.command(kSlot, CommandKey{}, CommandKind::resume);
  ASSERT_TRUE(persists(one, 30));
  EXPECT_THAT(world.written(0), SizeIs(15));
  const auto events = world.events(kSlot, EventKind::source_expired);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].from, Offset{10});
  EXPECT_EQ(events[0].to, Offset{25});
}

TEST_F(ShardTest, ParksOnLossUnlessToldToGoOn) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  one.command(kSlot, CommandKey{}, CommandKind::pause);
  one.steps(10);
  world.fill(0, 20);
  world.source.set_log_start(WorldOnFakes::orders(0), Offset{25});
  one.command(kSlot, CommandKey{}, CommandKind::resume);
  one.steps(2000);
  EXPECT_THAT(world.written(0), SizeIs(10));
  EXPECT_EQ(one.snapshot(0)->state, PartitionState::parked);
  EXPECT_THAT(world.events(kSlot, EventKind::source_expired), SizeIs(1)) << "not at every retry";
}

TEST_F(ShardTest, FollowsATruncatedSourceWhenToldToGoOn) {
  world.flow.on_data_loss = OnDataLoss::go_on;
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 20));
  world.source.truncate(WorldOnFakes::orders(0), Offset{15});
  ASSERT_TRUE(
      one.step_until([&] { return !world.events(kSlot, EventKind::source_truncated).empty(); }));
  world.fill(0, 10);
  ASSERT_TRUE(persists(one, 25));
  const auto map = map_of(*world.entry(kSlot, 0));
  for (const auto& record : world.source.at(WorldOnFakes::orders(0)).records) {
    const auto copy = map.to_target(record.offset);
    ASSERT_EQ(copy.exactness, Exactness::exact);
    const auto& log = world.target.at(WorldOnFakes::copies(0));
    EXPECT_EQ(log.records[log.index_of(copy.offset)].data.value, record.data.value);
  }
}

TEST_F(ShardTest, ParksWhenTheSourceTopicGoesAndResumesWhenItIsBack) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  world.source.break_partition(WorldOnFakes::orders(0), kRefused);
  ASSERT_TRUE(
      one.step_until([&] { return !world.events(kSlot, EventKind::partition_parked).empty(); }));
  world.source.break_partition(WorldOnFakes::orders(0), std::nullopt);
  world.fill(0, 10);
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardTest, MorePartitionsThanTheSourceWasMadeForLeaveNothingLent) {
  WorldOnFakes wide(40, 1);
  ProcessOnFakes one(wide);
  one.take(kSlot);
  for (int i = 0; i < 40; ++i) wide.fill(i, 100);
  for (int i = 0; i < 10; ++i) one.add(kSlot, i);
  ASSERT_TRUE(one.step_until([&] { return one.source() != nullptr; }));
  one.sink_records_max = 50;
  for (int i = 10; i < 40; ++i) one.add(kSlot, i);
  for (int i = 0; i < 40; ++i) {
    EXPECT_TRUE(one.step_until([&] { return wide.written(i) == wide.wanted(i); })) << i;
  }
  EXPECT_EQ(one.sources_made, 2);
}

TEST_F(ShardTest, ATargetThatDoesNotAnswerDoesNotKeepNewPartitionsWaiting) {
  WorldOnFakes wide(40, 1);
  ProcessOnFakes one(wide);
  one.take(kSlot);
  for (int i = 0; i < 40; ++i) wide.fill(i, 100);
  for (int i = 0; i < 10; ++i) one.add(kSlot, i);
  ASSERT_TRUE(one.step_until([&] { return wide.written(9) == wide.wanted(9); }));
  one.sink()->hold_landing_of = WorldOnFakes::copies(0);
  wide.fill(0, 10);
  one.steps(20);
  for (int i = 10; i < 40; ++i) one.add(kSlot, i);
  for (int i = 1; i < 40; ++i) {
    EXPECT_TRUE(one.step_until([&] { return wide.written(i) == wide.wanted(i); })) << i;
  }
  one.sink()->hold_landing_of.reset();
  EXPECT_TRUE(one.step_until([&] { return wide.written(0) == wide.wanted(0); }));
  EXPECT_EQ(one.sources_made, 2);
}

// The same before its first record was ever acknowledged.
TEST_F(ShardTest, ATargetThatNeverAnsweredKeepsNobodyWaiting) {
  WorldOnFakes wide(40, 1);
  ProcessOnFakes one(wide);
  one.take(kSlot);
  for (int i = 0; i < 40; ++i) wide.fill(i, 100);
  one.add(kSlot, 1);
  ASSERT_TRUE(one.step_until([&] { return wide.written(1) == wide.wanted(1); }));
  one.sink()->hold_landing_of = WorldOnFakes::copies(0);
  one.add(kSlot, 0);
  for (int i = 2; i < 40; ++i) one.add(kSlot, i);
  for (int i = 1; i < 40; ++i) {
    EXPECT_TRUE(one.step_until([&] { return wide.written(i) == wide.wanted(i); })) << i;
  }
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 40; ++i) wide.fill(i, 50);
    for (int i = 1; i < 40; ++i) {
      ASSERT_TRUE(one.step_until([&] { return wide.written(i) == wide.wanted(i); })) << i;
    }
  }
  EXPECT_EQ(wide.written(0).size(), 0u);
  one.sink()->hold_landing_of.reset();
  EXPECT_TRUE(one.step_until([&] { return wide.written(0) == wide.wanted(0); }));
}

TEST_F(ShardTest, ATopicThatTakesLessThanBeforeGetsANewSink) {
  ProcessOnFakes one(world);
  begin(one);
  world.fill(0, 10);
  ASSERT_TRUE(drains(one, 0));
  ASSERT_EQ(one.sinks_made, 1);
  one.tell(TopicSettings{{{"east.orders", 2'000'000}}, {}, {}});
  one.tell(TopicSettings{{{"another", 10}}, {}, {}});
  one.steps(100);
  EXPECT_EQ(one.sinks_made, 1);
  one.tell(TopicSettings{{{"east.orders", 20'000}}, {}, {}});
  EXPECT_TRUE(one.step_until([&] { return one.sinks_made == 2; }));
  world.fill(0, 10);
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardTest, ForgetsMapBlocksOfWhatTheSourceDeleted) {
  ProcessOnFakes one(world);
  begin(one);
  for (int i = 0; i < 2 * kSegmentsPerBlock + 10; ++i) {  // a marker behind each: as many segments
    world.fill(0, 1);
    world.source.append_gap(WorldOnFakes::orders(0), 1);
  }
  ASSERT_TRUE(one.step_until([&] { return world.written(0) == world.wanted(0); }, 20'000));
  const auto end = world.source.at(WorldOnFakes::orders(0)).end;
  ASSERT_TRUE(persists(one, end.value));
  ASSERT_EQ(world.entry(kSlot, 0)->position.blocks, 2);
  ASSERT_TRUE(world.entry(kSlot, 0)->pieces.contains({0, 0, 1}));
  LogEnds ends;
  ends.source[WorldOnFakes::orders(0)] = {Offset{kSegmentsPerBlock * 2 + 100}, end, end};
  one.tell(ends);
  world.fill(0, 1);
  ASSERT_TRUE(persists(one, end.value + 1));
  one.steps(50);
  EXPECT_FALSE(world.entry(kSlot, 0)->pieces.contains({0, 0, 1}));
  EXPECT_TRUE(world.entry(kSlot, 0)->pieces.contains({1, 0, 1}));
  one.kill();
  ProcessOnFakes two(world, 2);
  begin(two);
  world.fill(0, 10);
  EXPECT_TRUE(drains(two, 0));
}

TEST_F(ShardTest, IsDestroyedWhileRecordsArePendingAndInFlight) {
  world.fill(0, 500);
  ProcessOnFakes one(world);
  one.sink_records_max = 30;
  begin(one);
  ASSERT_TRUE(one.step_until([&] { return one.source() != nullptr; }));
  one.sink()->hold_acks = true;
  one.steps(5);
  ASSERT_GT(one.source()->lent(), 30);
  one.kill();  // FakeSource aborts when a record is still out
}

TEST_F(ShardTest, ATopicThatIsAnotherOneIsNotReadOnUnderTheOldPosition) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  const auto tell_ends = [&] {
    const auto& log = world.source.at(WorldOnFakes::orders(0));
    LogEnds ends;
    ends.source[WorldOnFakes::orders(0)] = {log.start, log.end, log.stable_end()};
    one.tell(ends);
    one.steps(3);
  };
  tell_ends();
  EXPECT_EQ(one.surveys_wanted, 0);
  world.source.delete_topic("orders");
  world.source.create_topic("orders", 2);
  world.fill(0, 3);
  tell_ends();
  one.steps(20);
  EXPECT_GT(one.surveys_wanted, 0);
  world.fill(0, 20);  // beyond the old position
  one.steps(200);
  EXPECT_THAT(world.written(0), SizeIs(10)) << "not before the survey gave it another identity";
  one.remove(kSlot, 0);
  one.add(kSlot, 0);
  ASSERT_TRUE(one.step_until([&] { return world.written(0).size() == 33; }));
}

TEST_F(ShardTest, RecordsThatArriveWhileTheEndsAreToldAreNoTruncation) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  LogEnds old;
  old.source[WorldOnFakes::orders(0)] = {Offset{0}, Offset{10}, Offset{10}};
  one.tell(old);
  one.steps(3);
  world.fill(0, 10);
  ASSERT_TRUE(persists(one, 20));
  const int asked = one.sources_made;
  old.source[WorldOnFakes::orders(0)] = {Offset{0}, Offset{15}, Offset{15}};  // was on its way
  one.tell(old);
  one.steps(20);
  EXPECT_EQ(one.sources_made, asked);
  EXPECT_EQ(one.snapshot(0)->state, PartitionState::active);
  world.fill(0, 10);
  EXPECT_TRUE(drains(one, 0));
}

}  // namespace
}  // namespace longspan
