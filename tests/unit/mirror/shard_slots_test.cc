#include "tests/unit/mirror/shard_fixture.h"

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Records of partition 0, copied and written down by a process that dies then.
void mirror_twenty(WorldOnFakes& world) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  one.take(kSlot);
  one.add(kSlot, 0);
  ASSERT_TRUE(one.step_until([&] {
    return world.entry(kSlot, 0) && world.entry(kSlot, 0)->position.next_source == Offset{20};
  }));
  one.kill();
}

// --- commands ---

TEST_F(ShardTest, PausesOnCommandAndResumesWhereItWas) {
  world.fill(0, 300);
  ProcessOnFakes one(world);
  one.batch_max = 10;
  begin(one);
  ASSERT_TRUE(one.step_until([&] { return world.written(0).size() > 100; }));
  one.command(kSlot, CommandKey{"orders", {}}, CommandKind::pause);
  one.steps(100);
  const auto so_far = world.written(0).size();
  EXPECT_LT(so_far, 300U);
  one.steps(500);
  EXPECT_EQ(world.written(0).size(), so_far);
  EXPECT_EQ(one.snapshot(0)->state, PartitionState::paused);
  EXPECT_EQ(world.entry(kSlot, 0)->position.state, PartitionState::paused);
  one.command(kSlot, CommandKey{"orders", {}}, CommandKind::resume);
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardTest, PausesOnlyThePartitionNamed) {
  ProcessOnFakes one(world);
  begin(one, 2);
  one.steps(20);
  one.command(kSlot, CommandKey{"orders", 0}, CommandKind::pause);
  world.fill(0, 10);
  world.fill(1, 10);
  EXPECT_TRUE(drains(one, 1));
  one.steps(50);
  EXPECT_THAT(world.written(0), IsEmpty());
}

TEST_F(ShardTest, ResumedWhileItSettlesGoesOn) {
  world.fill(0, 100);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(one.step_until([&] { return one.source() != nullptr; }));
  one.sink()->hold_acks = true;
  one.steps(5);
  one.command(kSlot, CommandKey{}, CommandKind::pause);
  one.steps(5);
  one.command(kSlot, CommandKey{}, CommandKind::resume);
  one.command(kSlot, CommandKey{}, CommandKind::pause);
  one.command(kSlot, CommandKey{}, CommandKind::resume);
  one.steps(5);
  one.sink()->hold_acks = false;
  EXPECT_TRUE(drains(one, 0));
  one.steps(20);
  EXPECT_EQ(one.snapshot(0)->state, PartitionState::active);
}

TEST_F(ShardTest, StaysPausedThroughATakeOver) {
  world.fill(0, 10);
  {
    ProcessOnFakes one(world);
    begin(one);
    one.command(kSlot, CommandKey{}, CommandKind::pause);
    one.steps(50);
    one.kill();
  }
  ProcessOnFakes two(world, 2);
  begin(two);
  two.steps(100);
  EXPECT_THAT(world.written(0), IsEmpty());
  two.command(kSlot, CommandKey{}, CommandKind::resume);
  EXPECT_TRUE(drains(two, 0));
}

TEST_F(ShardTest, ACommandToAClosedPartitionDoesNotKeepItsSlot) {
  world.fill(0, 50);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(drains(one, 0));
  one.sink()->hold_acks = true;  // the last words are not acknowledged yet
  one.drop(kSlot);
  one.steps(2);
  one.command(kSlot, CommandKey{}, CommandKind::pause);
  one.steps(2);
  one.sink()->hold_acks = false;
  ASSERT_TRUE(one.step_until([&] { return one.held.empty(); }));
  EXPECT_EQ(one.sinks_made, 1) << "the drop ended in order";
}

TEST_F(ShardTest, AnAnswerToAnOlderQuestionIsNotTaken) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  one.hold_measures = true;
  one.command(kSlot, CommandKey{}, CommandKind::pause);
  one.steps(5);
  one.command(kSlot, CommandKey{}, CommandKind::resume);
  one.steps(5);
  ASSERT_THAT(one.measures, SizeIs(1));
  const auto stale = one.answer_to(one.measures.front());  // the target ends at 10
  one.hold_measures = false;
  world.fill(0, 10);
  ASSERT_TRUE(persists(one, 20));
  one.hold_measures = true;
  one.command(kSlot, CommandKey{}, CommandKind::pause);
  one.steps(5);
  one.command(kSlot, CommandKey{}, CommandKind::resume);
  one.steps(5);
  one.tell(stale);
  one.steps(5);
  one.hold_measures = false;
  world.fill(0, 10);
  EXPECT_TRUE(persists(one, 30));
  EXPECT_THAT(world.events(kSlot, EventKind::target_truncated), IsEmpty());
}

// --- slots ---

TEST_F(ShardTest, DropsSlotWithLastPositionAndRelease) {
  world.fill(0, 200);
  ProcessOnFakes one(world);
  one.batch_max = 10;
  begin(one);
  ASSERT_TRUE(one.step_until([&] { return world.written(0).size() > 100; }));
  one.drop(kSlot);
  ASSERT_TRUE(one.step_until([&] { return one.held.empty(); }));
  const auto state = world.state(kSlot);
  ASSERT_TRUE(state.owner());
  EXPECT_TRUE(state.owner()->released_at);
  EXPECT_EQ(position(kSlot, 0), static_cast<std::int64_t>(world.written(0).size()));
  ProcessOnFakes two(world, 2);
  begin(two);
  EXPECT_TRUE(drains(two, 0));
  EXPECT_THAT(world.events(kSlot, EventKind::tail_matched), IsEmpty()) << "nothing was in doubt";
}

TEST_F(ShardTest, WritesNothingForALostSlot) {
  world.fill(0, 200);
  world.fill(1, 50);
  ProcessOnFakes one(world);
  one.batch_max = 20;
  one.take(kSlot);
  one.add(kSlot, 0);
  one.take(kOther);
  one.add(kOther, 1);
  ASSERT_TRUE(one.step_until([&] { return world.written(0).size() > 50; }));
  one.sink()->hold_landing = true;
  one.command(kSlot, CommandKey{"another", {}}, CommandKind::pause);
  one.steps(50);  // data and owner records are queued
  const auto data = world.written(0).size();
  const auto state = world.target.at({world.flow.state_topic(), kSlot}).records.size();
  one.drop(kSlot, true);
  one.steps(1);
  EXPECT_THAT(one.held, ElementsAre(kOther));
  if (one.sink() != nullptr) one.sink()->hold_landing = false;
  world.fill(1, 50);
  EXPECT_TRUE(drains(one, 1)) << "the other slot goes on";
  EXPECT_EQ(world.written(0).size(), data);
  EXPECT_EQ(world.target.at({world.flow.state_topic(), kSlot}).records.size(), state);
}

TEST_F(ShardTest, LateAcksOfALostSlotTouchNobodyElse) {
  world.fill(0, 100);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(one.step_until([&] { return one.source() != nullptr; }));
  one.sink()->hold_acks = true;
  one.steps(300);  // owner records and data have landed; nothing is acknowledged
  one.drop(kSlot, true);
  one.take(kOther);  // takes indices
  one.add(kOther, 1);
  world.fill(1, 100);
  one.sink()->hold_acks = false;
  one.steps(5);
  EXPECT_TRUE(drains(one, 1));
  EXPECT_THAT(world.events(kOther, EventKind::unexpected_target_offset), IsEmpty());
}

TEST_F(ShardTest, OwnersNeverShareAnEpochAlsoWhereNothingOfTheFirstHadLanded) {
  const auto mirror = [&](std::uint64_t seed, std::int32_t generation, int more) {
    ProcessOnFakes one(world, seed);
    one.take(kSlot, generation);
    one.add(kSlot, 0);
    world.fill(0, more);
    ASSERT_TRUE(persists(one, static_cast<std::int64_t>(world.wanted(0).size())));
    one.kill();
  };
  mirror(1, 7, 10);
  EXPECT_EQ(world.entry(kSlot, 0)->epoch, 7);
  mirror(2, 9, 10);
  EXPECT_EQ(world.entry(kSlot, 0)->epoch, 9);
  mirror(3, 2, 10);  // the group began anew
  EXPECT_EQ(world.entry(kSlot, 0)->epoch, 10);
}

TEST_F(ShardTest, GivesASlotUpInTimeEvenWhileTheTargetDoesNotAnswer) {
  world.fill(0, 100);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(one.step_until([&] { return one.source() != nullptr; }));
  world.target.set_reachable(false);
  const auto before = world.clock.steady();
  one.drop(kSlot);
  ASSERT_TRUE(one.step_until([&] { return one.held.empty(); }));
  EXPECT_LT(world.clock.steady() - before, std::chrono::seconds(3));
  world.target.set_reachable(true);
  ProcessOnFakes two(world, 2);
  one.kill();
  begin(two);
  EXPECT_TRUE(drains(two, 0));
}

TEST_F(ShardTest, DropsASlotWhileTheSinkDies) {
  world.fill(0, 100);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(drains(one, 0));
  world.fill(0, 10);
  one.steps(1);
  one.sink()->die();
  one.drop(kSlot);
  ASSERT_TRUE(one.step_until([&] { return one.held.empty(); }));
  ProcessOnFakes two(world, 2);
  begin(two);
  EXPECT_TRUE(drains(two, 0));
}

TEST_F(ShardTest, TakesBackASlotItLost) {
  world.fill(0, 100);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(one.step_until([&] { return world.written(0).size() > 20; }));
  one.drop(kSlot, true);
  one.step();
  begin(one);
  EXPECT_TRUE(drains(one, 0));
}

// --- partitions that come and go ---

TEST_F(ShardTest, RecreatedTopicStartsANewMap) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 20));
  const auto before = world.identity(0);
  world.source.delete_topic("orders");
  world.source.create_topic("orders", 2);
  world.fill(0, 5);
  one.remove(kSlot, 0);
  one.add(kSlot, 0);  // at once: it waits until its predecessor is closed
  ASSERT_TRUE(persists(one, 5));
  EXPECT_THAT(world.written(0), SizeIs(25));
  const auto map = map_of(*world.entry(kSlot, 0));
  EXPECT_EQ(map.to_target(Offset{0}), (Translation{Offset{20}, Exactness::exact}));
  const auto state = world.state(kSlot);
  EXPECT_EQ(state.partitions().at(before).position.next_source, Offset{20})
      << "the old one is kept";
}

TEST_F(ShardTest, ARemovedPartitionThatComesBackGoesOnWhereItStopped) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 20));
  one.remove(kSlot, 0);
  one.steps(50);
  world.fill(0, 10);
  one.add(kSlot, 0);
  ASSERT_TRUE(persists(one, 30));
  EXPECT_EQ(world.written(0), world.wanted(0)) << "nothing is written twice";
}

TEST_F(ShardTest, ARemovedSuccessorIsNotAdded) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 20));
  one.remove(kSlot, 0);
  one.add(kSlot, 0);
  one.remove(kSlot, 0);
  one.steps(100);
  world.fill(0, 10);
  one.steps(100);
  EXPECT_THAT(world.written(0), SizeIs(20));
}

TEST_F(ShardTest, RemovesAPartitionWhoseRecordsArePending) {
  world.fill(0, 500);
  world.fill(1, 50);
  ProcessOnFakes one(world);
  one.sink_records_max = 20;
  begin(one, 2);
  ASSERT_TRUE(one.step_until([&] { return one.source() != nullptr; }));
  one.sink()->full = true;
  one.steps(5);
  ASSERT_GT(one.source()->lent(), 0);
  one.remove(kSlot, 0);
  one.steps(5);
  one.sink()->full = false;
  EXPECT_TRUE(drains(one, 1));
  const auto so_far = world.written(0).size();
  EXPECT_LT(so_far, 500U);
  one.steps(50);
  EXPECT_EQ(world.written(0).size(), so_far);
}

// --- resuming ---

TEST_F(ShardTest, SkipsWhatACrashLeftBehindThePosition) {
  world.fill(0, 100);
  {
    ProcessOnFakes one(world, 1);
    begin(one);
    ASSERT_TRUE(one.step_until([&] { return world.written(0).size() >= 60; }));
    one.kill();
  }
  ASSERT_LT(position(kSlot, 0), 60);
  ProcessOnFakes two(world, 2);
  begin(two);
  ASSERT_TRUE(persists(two, 100));
  EXPECT_EQ(world.written(0), world.wanted(0));
}

TEST_F(ShardTest, TellsWhichTailRecordsAreNotOurs) {
  world.fill(0, 10);
  {
    ProcessOnFakes one(world);
    begin(one);
    ASSERT_TRUE(persists(one, 10));
    one.kill();
  }
  world.target.append(WorldOnFakes::copies(0), "k", "foreign");
  world.fill(0, 5);
  ProcessOnFakes two(world, 2);
  begin(two);
  ASSERT_TRUE(persists(two, 15));
  const auto events = world.events(kSlot, EventKind::tail_mismatch);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].from, Offset{10});
  EXPECT_EQ(events[0].to, Offset{11});
}

// However long the log of the new one is.
TEST_F(ShardTest, ATargetTopicThatWasCreatedAgainHoldsNoneOfOurCopies) {
  for (const auto policy : {OnDataLoss::stop, OnDataLoss::go_on}) {
    WorldOnFakes fresh;
    fresh.flow.on_data_loss = policy;
    ASSERT_NO_FATAL_FAILURE(mirror_twenty(fresh));
    fresh.target.delete_topic(WorldOnFakes::copies(0).topic);
    fresh.target.create_topic(WorldOnFakes::copies(0).topic, 1);
    for (int i = 0; i < 30; ++i) fresh.target.append(WorldOnFakes::copies(0), "k", "foreign");
    fresh.fill(0, 5);
    ProcessOnFakes two(fresh, 2);
    begin(two);
    two.steps(500);
    const auto lost = fresh.events(kSlot, EventKind::target_truncated);
    ASSERT_THAT(lost, SizeIs(1));
    EXPECT_EQ(lost[0].from, Offset{0});
    EXPECT_EQ(lost[0].to, Offset{20});
    EXPECT_THAT(lost[0].text, HasSubstr("created again"));
    const auto foreign = fresh.events(kSlot, EventKind::tail_mismatch);
    if (policy == OnDataLoss::stop) {
      EXPECT_THAT(foreign, IsEmpty());
      EXPECT_THAT(fresh.written(0), SizeIs(30));
      continue;
    }
    ASSERT_THAT(foreign, SizeIs(1));
    EXPECT_EQ(foreign[0].from, Offset{0});
    EXPECT_EQ(foreign[0].to, Offset{30});
    EXPECT_THAT(fresh.written(0), SizeIs(35));
    EXPECT_EQ(map_of(*fresh.entry(kSlot, 0)).to_target(Offset{20}).offset, Offset{30});
  }
}

// Seen by an acknowledgement, then by the topic's id: it is one loss, and what was written since
// stays in the map.
TEST_F(ShardTest, ATargetTopicThatIsCreatedAgainWhileItIsWrittenIsLostOnce) {
  world.flow.on_data_loss = OnDataLoss::go_on;
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 20));
  world.target.delete_topic(WorldOnFakes::copies(0).topic);
  world.target.create_topic(WorldOnFakes::copies(0).topic, 1);
  world.fill(0, 5);
  ASSERT_TRUE(persists(one, 25));
  one.drop(kSlot);
  one.steps(50);
  ProcessOnFakes two(world, 2);
  begin(two);
  world.fill(0, 5);
  ASSERT_TRUE(persists(two, 30));
  const auto lost = world.events(kSlot, EventKind::target_truncated);
  ASSERT_THAT(lost, SizeIs(1));
  EXPECT_EQ(lost[0].to, Offset{20});
  EXPECT_EQ(lost[0].source_to, Offset{20});
  EXPECT_THAT(world.events(kSlot, EventKind::tail_mismatch), IsEmpty());
  EXPECT_EQ(map_of(*world.entry(kSlot, 0)).to_target(Offset{20}).offset, Offset{0});
}

TEST_F(ShardTest, FollowsATruncatedTargetOnlyWhenToldToGoOn) {
  for (const auto policy : {OnDataLoss::stop, OnDataLoss::go_on}) {
    WorldOnFakes fresh;
    fresh.flow.on_data_loss = policy;
    ASSERT_NO_FATAL_FAILURE(mirror_twenty(fresh));
    fresh.target.truncate(WorldOnFakes::copies(0), Offset{15});
    fresh.fill(0, 5);
    ProcessOnFakes two(fresh, 2);
    begin(two);
    two.steps(500);
    const auto events = fresh.events(kSlot, EventKind::target_truncated);
    ASSERT_THAT(events, SizeIs(1));
    EXPECT_EQ(events[0].from, Offset{15});
    EXPECT_EQ(events[0].to, Offset{20});
    EXPECT_THAT(fresh.written(0), SizeIs(policy == OnDataLoss::stop ? 15 : 20));
  }
}

TEST_F(ShardTest, AnOwnerThatDidNotReleaseIsNamed) {
  {
    ProcessOnFakes one(world, 1);
    begin(one);
    one.steps(20);
    one.kill();
  }
  ProcessOnFakes two(world, 2);
  begin(two);
  two.steps(20);
  EXPECT_THAT(world.events(kSlot, EventKind::slot_taken).back().text,
              HasSubstr("from process-1, which did not release it"));
}

TEST_F(ShardTest, EmitsOffsetSyncsAndHeartbeatsAsMirrorMakerDoes) {
  world.flow.emit_offset_syncs = true;
  world.flow.emit_heartbeats = true;
  world.target.create_topic(world.flow.naming.offset_syncs_topic_on_target(), 1);
  world.target.create_topic(world.flow.naming.target_heartbeats_topic(), 1);
  world.fill(0, 300);
  ProcessOnFakes one(world);
  begin(one);
  one.take(kOther);  // whichever of the two has the duty
  ASSERT_TRUE(persists(one, 300));
  one.steps(200);
  const auto count = [this](const std::string& topic) {
    return world.target.at({topic, 0}).records.size();
  };
  EXPECT_GT(count(world.flow.naming.offset_syncs_topic_on_target()), 0U);
  EXPECT_GE(count(world.flow.naming.target_heartbeats_topic()), 3U);
}

}  // namespace
}  // namespace longspan
