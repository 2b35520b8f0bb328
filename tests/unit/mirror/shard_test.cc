#include "tests/unit/mirror/shard_fixture.h"

namespace longspan {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// --- the path of a record ---

TEST_F(ShardTest, WritesEveryRecordOnceInOrder) {
  world.fill(0, 500);
  world.fill(1, 300);
  ProcessOnFakes one(world);
  begin(one, 2);
  EXPECT_TRUE(drains(one, 0));
  EXPECT_TRUE(drains(one, 1));
}

TEST_F(ShardTest, ReadsNothingBeforeItsStartIsWritten) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(one.step_until([&] { return one.sink() != nullptr; }));
  one.sink()->hold_landing = true;
  one.steps(100);
  EXPECT_EQ(one.source(), nullptr) << "a crash now would begin anew, behind the copies";
  one.sink()->hold_landing = false;
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardTest, StartsAtTheEndWhenToldSoAndKeepsThatThroughACrash) {
  world.fill(0, 10);
  {
    ProcessOnFakes one(world);
    one.start = StartFrom::latest;
    begin(one);
    ASSERT_TRUE(persists(one, 10));
    one.kill();
  }
  world.fill(0, 5);
  ProcessOnFakes two(world, 2);
  two.start = StartFrom::latest;
  begin(two);
  ASSERT_TRUE(persists(two, 15));
  EXPECT_THAT(world.written(0), SizeIs(5));
}

TEST_F(ShardTest, PositionMovesOverTrailingMarkers) {
  world.fill(0, 3);
  world.source.append_gap(WorldOnFakes::orders(0), 4);
  ProcessOnFakes one(world);
  begin(one);
  EXPECT_TRUE(persists(one, 7));
}

TEST_F(ShardTest, PositionNeverPassesWhatIsNotAcknowledged) {
  world.fill(0, 1);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 1));
  one.sink()->hold_acks = true;
  world.fill(0, 49);
  one.steps(200);
  ASSERT_THAT(world.written(0), SizeIs(50));
  EXPECT_EQ(position(kSlot, 0), 1);
  one.sink()->hold_acks = false;
  EXPECT_TRUE(persists(one, 50));
}

// A broker takes any first request of a producer it does not know: a refused one would leave its
// place to the next.
TEST_F(ShardTest, NothingFollowsTheFirstRecordOfASinkBeforeItIsAcknowledged) {
  world.fill(0, 50);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(one.step_until([&] { return one.source() != nullptr; }));
  one.sink()->hold_acks = true;
  one.steps(50);
  EXPECT_THAT(world.written(0), SizeIs(1));
  world.fill(1, 50);
  one.add(kSlot, 1);
  one.steps(50);
  EXPECT_THAT(world.written(0), SizeIs(1));
  one.sink()->hold_acks = false;
  EXPECT_TRUE(drains(one, 0));
  EXPECT_TRUE(drains(one, 1));

  one.sink()->die();
  ASSERT_TRUE(one.step_until([&] { return one.sinks_made == 2 && one.sink() != nullptr; }));
  one.sink()->hold_acks = true;
  world.fill(0, 50);
  one.steps(50);
  EXPECT_THAT(world.written(0), SizeIs(51)) << "a new sink is a new producer";
  one.sink()->hold_acks = false;
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardTest, AfterALongSilenceTheFirstRecordGoesAloneAgain) {
  world.fill(0, 50);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(drains(one, 0));
  world.fill(0, 50);
  one.sink()->hold_acks = true;
  one.steps(50);
  EXPECT_THAT(world.written(0), SizeIs(100)) << "not after a moment";
  one.sink()->hold_acks = false;
  one.steps(50);
  for (int i = 0; i < 240; ++i) {
    world.clock.advance(std::chrono::seconds(5));
    one.steps(2);
  }
  ASSERT_EQ(one.sinks_made, 1);
  one.sink()->hold_acks = true;
  world.fill(0, 50);
  one.steps(50);
  EXPECT_THAT(world.written(0), SizeIs(101));
  one.sink()->hold_acks = false;
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardTest, StopsReadingWhileTheSinkIsFull) {
  world.fill(0, 1);
  ProcessOnFakes one(world);
  one.batch_max = 10;
  begin(one);
  ASSERT_TRUE(persists(one, 1));
  one.sink()->full = true;
  world.fill(0, 1000);
  one.steps(3);
  const auto lent = one.source()->lent();
  one.steps(200);
  EXPECT_LE(one.source()->lent(), lent) << "nothing more is read";
  EXPECT_LE(lent, 20);
  one.sink()->full = false;
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardTest, HoldsAPartitionThatFloodsTheSinkAndLetsTheOthersGoOn) {
  ShardLimits limits;
  limits.sink_bytes_max = 40'000;  // about 80 small records
  world.fill(0, 2000);
  world.fill(1, 5);
  ProcessOnFakes one(world, 1, limits);
  one.sink_records_max = 80;
  one.batch_max = 10;
  begin(one, 2);
  ASSERT_TRUE(drains(one, 1));
  // Partition 0 gets no acknowledgement any more: it lands nowhere.
  one.sink()->hold_landing_of = WorldOnFakes::copies(0);
  one.steps(100);
  world.fill(1, 200);
  EXPECT_TRUE(drains(one, 1));
  one.sink()->hold_landing_of.reset();
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardTest, AHeldPartitionWithAcksThatNameNoOffsetGoesOn) {
  ShardLimits limits;
  limits.sink_bytes_max = 40'000;
  world.fill(0, 400);
  world.fill(1, 400);
  ProcessOnFakes one(world, 1, limits);
  one.batch_max = 10;
  begin(one, 2);
  ASSERT_TRUE(one.step_until([&] {
    return one.sink() != nullptr && one.sink()->writer_of(WorldOnFakes::copies(0)) &&
           one.sink()->writer_of(WorldOnFakes::copies(1));
  }));
  one.sink()->hold_acks = true;
  one.steps(200);
  for (const auto partition : {0, 1}) one.sink()->lose_offsets(one.index_of(partition), 1000);
  one.sink()->hold_acks = false;
  EXPECT_TRUE(drains(one, 0));
  EXPECT_TRUE(drains(one, 1));
}

TEST_F(ShardTest, MeasuresWhatWasAcknowledgedWithoutAnOffset) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(one.step_until(
      [&] { return one.sink() != nullptr && one.sink()->writer_of(WorldOnFakes::copies(0)); }));
  one.sink()->lose_offsets(one.index_of(0), 100);
  EXPECT_TRUE(persists(one, 20));
  EXPECT_EQ(world.written(0), world.wanted(0));
  EXPECT_THAT(world.events(kSlot, EventKind::tail_matched), Not(IsEmpty()));
}

// --- trouble at the target ---

TEST_F(ShardTest, RewindsToLastAckWhenSinkDies) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed=" + std::to_string(seed));
    WorldOnFakes fresh;
    fresh.fill(0, 300);
    ProcessOnFakes one(fresh, seed);
    one.batch_max = 20;
    begin(one);
    ASSERT_TRUE(one.step_until([&] { return fresh.written(0).size() > 100; }));
    one.sink()->die();
    ASSERT_TRUE(one.step_until([&] { return one.sinks_made == 2; }));
    ASSERT_TRUE(one.step_until([&] { return fresh.written(0).size() >= 300; }));
    one.steps(10);
    EXPECT_EQ(fresh.written(0), fresh.wanted(0));
  }
}

TEST_F(ShardTest, TellsTheRangeOfARequestThatLandsLate) {
  world.fill(0, 100);
  ProcessOnFakes one(world, 3);
  one.batch_max = 20;
  begin(one);
  ASSERT_TRUE(one.step_until([&] { return !world.written(0).empty(); }));
  one.sink()->hold_landing = true;
  ASSERT_TRUE(one.step_until([&] { return one.sink()->in_flight() > 10; }));
  one.sink()->die();
  ASSERT_TRUE(one.step_until([&] { return one.sinks_made == 2 && one.measures.empty(); }));
  ASSERT_TRUE(persists(one, 100));
  const auto late = world.target.land_late();
  ASSERT_GT(late, 0U);
  world.fill(0, 1);
  ASSERT_TRUE(persists(one, 101));
  const auto events = world.events(kSlot, EventKind::unexpected_target_offset);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].from, Offset{100});
  EXPECT_EQ(events[0].to, (Offset{100 + static_cast<std::int64_t>(late)}));
}

TEST_F(ShardTest, ParksOnlyThePartitionThatFailed) {
  world.fill(0, 50);
  world.fill(1, 50);
  ProcessOnFakes one(world);
  begin(one, 2);
  ASSERT_TRUE(one.step_until([&] { return one.sink() != nullptr; }));
  one.sink()->fail_always(WorldOnFakes::copies(0), kRefused);
  EXPECT_TRUE(drains(one, 1));
  one.steps(50);
  EXPECT_THAT(world.written(0), IsEmpty());
  const auto parked = one.snapshot(0);
  ASSERT_TRUE(parked);
  EXPECT_EQ(parked->state, PartitionState::parked);
  EXPECT_THAT(parked->reason, HasSubstr("not authorised"));
  EXPECT_EQ(one.snapshot(1)->state, PartitionState::active);
  one.sink()->fail_always(WorldOnFakes::copies(0), std::nullopt);
  EXPECT_TRUE(drains(one, 0)) << "it resumes by itself when the cause goes";
  EXPECT_THAT(world.events(kSlot, EventKind::partition_parked), SizeIs(1));
}

TEST_F(ShardTest, WaitsTwiceAsLongWhileTheTargetRefusesTheSameRecord) {
  world.target.topic("east.orders").configs["max.message.bytes"] = "100";
  world.fill(0, 5);
  world.source.append(WorldOnFakes::orders(0), "k", std::string(200, 'x'));
  ProcessOnFakes one(world);
  one.idle = std::chrono::milliseconds(100);
  begin(one);
  ASSERT_TRUE(
      one.step_until([&] { return world.events(kSlot, EventKind::partition_parked).size() == 1; }));
  one.steps(10 * 60 * 5);  // five minutes: retries at 5, 10, 20, 40, 80 s
  EXPECT_THAT(world.written(0), SizeIs(5));
  EXPECT_THAT(world.events(kSlot, EventKind::partition_parked), SizeIs(1));
  EXPECT_THAT(world.events(kSlot, EventKind::partition_resumed), IsEmpty());
  world.target.topic("east.orders").configs["max.message.bytes"] = "1000";
  EXPECT_TRUE(drains(one, 0));
  ASSERT_TRUE(one.step_until(
      [&] { return world.events(kSlot, EventKind::partition_resumed).size() == 1; }));
  one.steps(10);  // until it is published
  EXPECT_EQ(one.snapshot(0)->state, PartitionState::active);
}

TEST_F(ShardTest, ASinkThatCannotBeMadeIsTriedAgain) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  one.sinks_refused = 3;
  begin(one);
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardTest, AnAnswerThatComesWhileThereIsNoSinkIsAskedForAgain) {
  world.fill(0, 10);
  {
    ProcessOnFakes one(world);
    begin(one);
    ASSERT_TRUE(persists(one, 10));
    one.kill();
  }
  world.fill(0, 10);
  ProcessOnFakes two(world, 2);
  two.sinks_refused = 2;
  begin(two);
  two.steps(1);
  EXPECT_EQ(two.sink(), nullptr);
  EXPECT_TRUE(drains(two, 0));
}

TEST_F(ShardTest, MakesNewSinksAtAPaceWhenEveryOneDies) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  const auto before = world.clock.steady();
  while (world.clock.steady() - before < std::chrono::seconds(10)) {
    if (one.sink() != nullptr && !one.sink()->dead()) one.sink()->die();
    one.step();
  }
  EXPECT_LE(one.sinks_made, 12);
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardTest, AStateTopicThatRefusesStopsNothingForGood) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  world.target.break_partition({world.flow.state_topic(), kSlot}, kRefused);
  world.fill(0, 10);
  one.steps(200);
  world.target.break_partition({world.flow.state_topic(), kSlot}, std::nullopt);
  EXPECT_TRUE(persists(one, 20));
  EXPECT_EQ(world.written(0), world.wanted(0));
}

TEST_F(ShardTest, TellsThatSomebodyElseWroteToTheTarget) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  world.target.append(WorldOnFakes::copies(0), "k", "foreign");
  world.fill(0, 10);
  ASSERT_TRUE(persists(one, 20));
  const auto events = world.events(kSlot, EventKind::unexpected_target_offset);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].from, Offset{10});
  EXPECT_EQ(events[0].to, Offset{11});
  EXPECT_EQ(map_of(*world.entry(kSlot, 0)).to_target(Offset{10}).offset, Offset{11});
}

TEST_F(ShardTest, ANoisyPartitionLeavesTheRingToTheOthers) {
  ProcessOnFakes one(world);
  begin(one);
  world.fill(0, 1);
  ASSERT_TRUE(persists(one, 1));
  for (int i = 1; i <= 50; ++i) {
    world.target.append(WorldOnFakes::copies(0), "k", "foreign");
    world.fill(0, 1);
    ASSERT_TRUE(one.step_until([&] { return one.snapshot(0)->next_source == Offset{i + 1}; }));
  }
  ASSERT_TRUE(persists(one, 51));
  std::vector<Event> told;
  for (auto& event : world.state(kSlot).events()) {
    if (event.kind == EventKind::unexpected_target_offset) told.push_back(std::move(event));
  }
  ASSERT_THAT(told, testing::SizeIs(testing::AllOf(testing::Ge(20), testing::Lt(50))));
  EXPECT_EQ(told.front().to, *told.front().from + Records{1});
  std::int64_t offsets = 0;
  for (const auto& event : told) {
    const auto at = event.text.find(" ranges, ");
    offsets += at == std::string::npos ? (*event.to - *event.from).count
                                       : std::stoll(event.text.substr(at + 9));
  }
  EXPECT_EQ(offsets, 50) << "each foreign offset is counted in one event";
}

}  // namespace
}  // namespace longspan
