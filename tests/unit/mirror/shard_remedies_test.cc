// What an operator decided is carried out once, for the topic it was given for, whoever owns it.
#include "tests/unit/mirror/shard_fixture.h"

namespace longspan {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ShardRemedies : public ShardTest {
 protected:
  void end(ProcessOnFakes& one, bool is_orderly) {
    if (!is_orderly) return one.kill();
    one.drop(kSlot);
    one.steps(100);
  }
  // One record of somebody else's stops it, by policy.
  std::int64_t stop_for_foreign(ProcessOnFakes& one) {
    begin(one);
    world.fill(0, 10);
    EXPECT_TRUE(persists(one, 10));
    world.target.append(WorldOnFakes::copies(0), "k", "foreign");
    world.fill(0, 1);
    EXPECT_TRUE(is_parked(one));
    const auto foreign = world.events(kSlot, EventKind::unexpected_target_offset);
    EXPECT_THAT(foreign, SizeIs(1));
    return foreign.at(0).number;
  }
  void set_while_paused(bool is_orderly) {
    world.fill(0, 20);
    ProcessOnFakes one(world);
    begin(one);
    ASSERT_TRUE(persists(one, 20));
    one.command(kSlot, {"orders", 0}, CommandKind::pause);
    one.steps(20);
    world.fill(0, 20);
    one.remedy(kSlot, 0, set(30));
    one.steps(200);
    end(one, is_orderly);
    ProcessOnFakes two(world, 2);
    begin(two);
    two.steps(200);
    two.command(kSlot, {"orders", 0}, CommandKind::resume);
    ASSERT_TRUE(persists(two, 40));
    EXPECT_THAT(world.written(0), SizeIs(30));
    const auto left_out = world.events(kSlot, EventKind::records_left_out);
    ASSERT_THAT(left_out, SizeIs(1));
    EXPECT_EQ(left_out[0].from, Offset{20});
    EXPECT_EQ(left_out[0].to, Offset{30});
    two.kill();
    ProcessOnFakes three(world, 3);
    begin(three);
    world.fill(0, 5);
    ASSERT_TRUE(persists(three, 45));
    EXPECT_THAT(world.events(kSlot, EventKind::records_left_out), SizeIs(1)) << "set once";
  }
  void recreate_source() {
    world.source.delete_topic("orders");
    world.source.create_topic("orders", 2);
  }
};

TEST_F(ShardRemedies, APositionSetBackCopiesAgainAndMapsToTheNewCopies) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 20));
  one.remedy(kSlot, 0, set(5));
  ASSERT_TRUE(one.step_until([&] { return world.written(0).size() == 35; }));
  ASSERT_TRUE(persists(one, 20));
  const auto events = world.events(kSlot, EventKind::position_set);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].from, Offset{5});
  EXPECT_EQ(events[0].to, Offset{20});
  one.kill();
  ProcessOnFakes two(world, 2);
  begin(two);
  world.fill(0, 5);
  ASSERT_TRUE(persists(two, 25));
  EXPECT_THAT(world.written(0), SizeIs(40)) << "set once";
  const auto map = map_of(*world.entry(kSlot, 0));
  EXPECT_EQ(map.to_target(Offset{3}).offset, Offset{3});
  EXPECT_EQ(map.to_target(Offset{5}).offset, Offset{20});
  EXPECT_EQ(map.to_target(Offset{24}).offset, Offset{39});
}

// What was copied before the position was set is lost with the rest, and no range leaves it out.
TEST_F(ShardRemedies, CopiesOfBeforeASetPositionAreNotLeftOutOfWhatTheTargetLost) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 20));
  one.remedy(kSlot, 0, set(5));
  ASSERT_TRUE(one.step_until([&] { return world.written(0).size() == 35; }));
  ASSERT_TRUE(persists(one, 20));
  world.target.delete_topic(WorldOnFakes::copies(0).topic);
  world.target.create_topic(WorldOnFakes::copies(0).topic, 2);
  world.fill(0, 5);
  ASSERT_TRUE(is_parked(one));
  const auto lost = world.events(kSlot, EventKind::target_truncated);
  ASSERT_THAT(lost, SizeIs(1));
  EXPECT_EQ(lost[0].from, Offset{0});
  EXPECT_EQ(lost[0].to, Offset{35});
  EXPECT_FALSE(lost[0].source_from) << "more than the map in memory tells";
  EXPECT_EQ(lost[0].source_to, Offset{20});
  EXPECT_THAT(one.snapshot(0)->reason, HasSubstr("--source earliest"));
}

TEST_F(ShardRemedies, APositionSetForwardLeavesAHole) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 20));
  one.command(kSlot, {"orders", 0}, CommandKind::pause);
  one.steps(20);
  world.fill(0, 20);
  one.remedy(kSlot, 0, set(30));
  one.steps(50);
  one.command(kSlot, {"orders", 0}, CommandKind::resume);
  ASSERT_TRUE(persists(one, 40));
  EXPECT_THAT(world.written(0), SizeIs(30));
  EXPECT_EQ(map_of(*world.entry(kSlot, 0)).to_target(Offset{25}).offset, Offset{20});
  EXPECT_THAT(world.events(kSlot, EventKind::position_set), SizeIs(0));
  const auto events = world.events(kSlot, EventKind::records_left_out);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].from, Offset{20});
  EXPECT_EQ(events[0].to, Offset{30});
}

// As the command says: paused first. Another owner comes before it is resumed.
TEST_F(ShardRemedies, APositionSetWhilePausedIsSetByWhoeverResumes) { set_while_paused(true); }
TEST_F(ShardRemedies, APositionSetWhilePausedSurvivesADeath) { set_while_paused(false); }

TEST_F(ShardRemedies, UnderExactlyOnceABegunTransactionDoesNotForgetIt) {
  WorldOnFakes fresh(1, 1);
  fresh.flow.delivery = Delivery::exactly_once;
  fresh.fill(0, 20);
  ProcessOnFakes one(fresh);
  one.take(0);
  one.add(0, 0);
  ASSERT_TRUE(one.step_until([&] { return fresh.written(0).size() == 20; }));
  one.command(0, {"orders", 0}, CommandKind::pause);
  one.steps(100);
  fresh.fill(0, 20);
  one.remedy(0, 0, set(30));
  one.steps(100);
  one.sink()->die();
  one.steps(300);
  one.command(0, {"orders", 0}, CommandKind::resume);
  ASSERT_TRUE(one.step_until([&] { return fresh.written(0).size() == 30; }));
  EXPECT_THAT(fresh.events(0, EventKind::records_left_out), SizeIs(1));
}

TEST_F(ShardRemedies, AnAcceptanceThatIsNotGoneOverYetIsNotForgotten) {
  world.flow.on_event[EventKind::unexpected_target_offset] = OnDataLoss::stop;
  ProcessOnFakes one(world);
  const auto number = stop_for_foreign(one);
  one.hold_measures = true;
  one.remedy(kSlot, 0, accept(number));
  one.steps(200);
  end(one, true);
  ProcessOnFakes two(world, 2);
  begin(two);
  world.fill(0, 5);
  ASSERT_TRUE(persists(two, 16));
  EXPECT_THAT(world.events(kSlot, EventKind::unexpected_target_offset), SizeIs(1));
}

// What stops it is in force from the record on that shows it, also where the slot goes at once.
TEST_F(ShardRemedies, AStopByPolicyIsNotLostWithTheSlot) {
  world.flow.on_event[EventKind::unexpected_target_offset] = OnDataLoss::stop;
  ProcessOnFakes one(world);
  begin(one);
  world.fill(0, 10);
  ASSERT_TRUE(persists(one, 10));
  world.target.append(WorldOnFakes::copies(0), "k", "foreign");
  world.fill(0, 1);
  ASSERT_TRUE(one.step_until([&] { return world.written(0).size() == 12; }));
  end(one, true);
  ProcessOnFakes two(world, 2);
  begin(two);
  world.fill(0, 5);
  two.steps(500);
  EXPECT_EQ(position(kSlot, 0), 11);
  EXPECT_THAT(two.snapshot(0)->reason, HasSubstr("--accept-loss"));
}

TEST_F(ShardRemedies, WhoResumesAStoppedPartitionOverARestartIsToldWhyItWaits) {
  world.flow.on_event[EventKind::unexpected_target_offset] = OnDataLoss::stop;
  ProcessOnFakes one(world);
  const auto number = stop_for_foreign(one);
  one.command(kSlot, {}, CommandKind::pause);
  one.steps(200);
  end(one, true);
  const Command resumed{CommandKind::resume, world.clock.now(), "alice", ""};
  world.target.append({world.flow.state_topic(), kSlot},
                      {encode_key(CommandKey{}), encode(resumed), world.clock.now(), {}});
  ProcessOnFakes two(world, 2);
  begin(two);
  two.steps(200);
  EXPECT_EQ(two.snapshot(0)->state, PartitionState::parked);
  EXPECT_THAT(two.snapshot(0)->reason,
              HasSubstr("--accept-loss " + std::to_string(kSlot) + "/" + std::to_string(number)));
}

TEST_F(ShardRemedies, WhatWasSetForATopicIsNotSetForItsNamesake) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 20));
  one.remedy(kSlot, 0, set(15));
  ASSERT_TRUE(one.step_until([&] { return world.written(0).size() == 25; }));
  one.kill();
  recreate_source();
  world.fill(0, 30);
  ProcessOnFakes two(world, 2);
  begin(two);
  ASSERT_TRUE(persists(two, 30));
  EXPECT_THAT(world.written(0), SizeIs(55)) << "all of the new topic";
}

// Of those before the last one it was told when they went.
TEST_F(ShardRemedies, EachTopicThatWasRecreatedIsToldOnce) {
  ProcessOnFakes one(world);
  one.take(kSlot);
  for (const int records : {20, 15, 10, 5}) {
    world.fill(0, records);
    one.add(kSlot, 0);
    ASSERT_TRUE(persists(one, records));
    one.tell(RemovePartition{kSlot, {"orders", 0}, "it is gone"});
    one.steps(50);
    recreate_source();
  }
  const auto recreated = world.events(kSlot, EventKind::topic_recreated);
  ASSERT_THAT(recreated, SizeIs(3));
  EXPECT_EQ(recreated[0].from, Offset{20});
  EXPECT_EQ(recreated[1].from, Offset{15});
  EXPECT_EQ(recreated[2].from, Offset{10});
}

// That its name was there when the flow was first seen says nothing about this topic.
TEST_F(ShardRemedies, ARecreatedTopicIsCopiedFromItsBeginningWhereOthersStartAtTheEnd) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  one.start = StartFrom::latest;
  begin(one);
  ASSERT_TRUE(persists(one, 20));
  one.kill();
  recreate_source();
  world.fill(0, 5);
  ProcessOnFakes two(world, 2);
  two.start = StartFrom::latest;
  begin(two);
  ASSERT_TRUE(persists(two, 5));
  EXPECT_THAT(world.written(0), SizeIs(5));
}

// The first survey did not tell the topic's id.
TEST_F(ShardRemedies, ATopicWhoseIdWasNotKnownAtFirstIsKnownToBeRecreated) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  one.take(kSlot);
  const PartitionIdentity nameless{WorldOnFakes::orders(0), kNoTopicId};
  one.tell(AddPartition{kSlot, nameless, WorldOnFakes::copies(0), StartFrom::earliest});
  const auto next = [&](const PartitionIdentity& identity) {
    const auto& known = world.state(kSlot).partitions();
    const auto found = known.find(identity);
    return found == known.end() ? Offset{-1} : found->second.position.next_source;
  };
  ASSERT_TRUE(one.step_until([&] { return next(nameless) == Offset{20}; }));
  one.kill();
  {
    ProcessOnFakes two(world, 2);
    begin(two);
    world.fill(0, 5);
    ASSERT_TRUE(two.step_until([&] { return next(nameless) == Offset{25}; })) << "the same topic";
    two.kill();
  }
  recreate_source();
  world.fill(0, 30);
  ProcessOnFakes three(world, 3);
  begin(three);
  ASSERT_TRUE(persists(three, 30));
  EXPECT_THAT(world.written(0), SizeIs(55));
  const auto recreated = world.events(kSlot, EventKind::topic_recreated);
  ASSERT_THAT(recreated, SizeIs(1));
  EXPECT_EQ(recreated[0].from, Offset{25});
}

}  // namespace
}  // namespace longspan
