// What is lost stops its partition until somebody decides, and what was decided happens once.
#include "tests/unit/mirror/shard_fixture.h"

namespace longspan {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ShardLosses : public ShardTest {
 protected:
  void mirror_and_die(std::int64_t up_to) {
    ProcessOnFakes before(world);
    begin(before);
    ASSERT_TRUE(persists(before, up_to));
    before.kill();
  }
  // Mirrored up to 10, then stopped; records 10 to 14 expire before anybody reads them.
  void lose_five() {
    world.fill(0, 10);
    {
      ProcessOnFakes before(world);
      begin(before);
      ASSERT_TRUE(persists(before, 10));
      before.drop(kSlot);
      before.steps(50);
    }
    world.fill(0, 10);
    world.source.set_log_start(WorldOnFakes::orders(0), Offset{15});
  }
  // So many mirrored, the source's log cut back to 7 while nobody runs, and five written since.
  void cut_source_back(std::int64_t mirrored) {
    world.fill(0, static_cast<int>(mirrored));
    ASSERT_NO_FATAL_FAILURE(mirror_and_die(mirrored));
    world.source.truncate(WorldOnFakes::orders(0), Offset{7});
    world.fill(0, 5);
  }
  std::vector<std::string> wanted_from(int first, int partition = 0) {
    auto all = world.wanted(partition);
    return {all.begin() + first, all.end()};
  }
};

TEST_F(ShardLosses, AnAcceptedLossIsGoneOver) {
  lose_five();
  ProcessOnFakes one(world, 2);
  begin(one);
  ASSERT_TRUE(is_parked(one));
  auto lost = world.events(kSlot, EventKind::source_expired);
  ASSERT_THAT(lost, SizeIs(1));
  EXPECT_THAT(one.snapshot(0)->reason,
              HasSubstr("longspan resume FILE --partition orders:0 --accept-loss 0/" +
                        std::to_string(lost[0].number)));
  one.remedy(kSlot, 0, accept(lost[0].number));
  ASSERT_TRUE(persists(one, 20));
  EXPECT_THAT(world.written(0), SizeIs(15));
  const auto accepted = world.events(kSlot, EventKind::loss_accepted);
  ASSERT_THAT(accepted, SizeIs(1));
  EXPECT_EQ(accepted[0].from, Offset{10});
  EXPECT_EQ(accepted[0].to, Offset{15});
  EXPECT_THAT(accepted[0].text, HasSubstr("alice"));
}

TEST_F(ShardLosses, AnotherEventThanTheOneItWaitsForChangesNothing) {
  lose_five();
  ProcessOnFakes one(world, 2);
  begin(one);
  ASSERT_TRUE(is_parked(one));
  one.remedy(kSlot, 0, accept(4711));
  one.steps(500);
  EXPECT_EQ(one.snapshot(0)->state, PartitionState::parked);
  EXPECT_THAT(world.written(0), SizeIs(10));
  EXPECT_THAT(world.events(kSlot, EventKind::loss_accepted), IsEmpty());
}

TEST_F(ShardLosses, TheEventKeepsItsNumberThroughATakeOverAndIsAcceptedThen) {
  lose_five();
  ProcessOnFakes one(world, 2);
  begin(one);
  ASSERT_TRUE(is_parked(one));
  one.steps(50);
  const auto lost = world.events(kSlot, EventKind::source_expired);
  ASSERT_THAT(lost, SizeIs(1));
  one.kill();
  // While nobody runs it.
  Remedy order = accept(lost[0].number);
  order.at = world.clock.now();
  order.who = "bob";
  order.topic_id = world.identity(0).topic_id;
  world.target.append(
      {world.flow.state_topic(), kSlot},
      {encode_key(RemedyKey{WorldOnFakes::orders(0)}), encode(order), world.clock.now(), {}});
  ProcessOnFakes two(world, 3);
  begin(two);
  ASSERT_TRUE(persists(two, 20));
  EXPECT_THAT(world.events(kSlot, EventKind::source_expired), SizeIs(1)) << "told once";
  two.kill();
  ProcessOnFakes three(world, 4);
  begin(three);
  world.fill(0, 5);
  ASSERT_TRUE(persists(three, 25));
  EXPECT_THAT(world.events(kSlot, EventKind::loss_accepted), SizeIs(1)) << "carried out once";
}

TEST_F(ShardLosses, ALossThatGrewSinceIsToldAsItIs) {
  lose_five();
  ProcessOnFakes one(world, 2);
  begin(one);
  ASSERT_TRUE(is_parked(one));
  const auto number = world.events(kSlot, EventKind::source_expired)[0].number;
  world.source.set_log_start(WorldOnFakes::orders(0), Offset{18});
  one.remedy(kSlot, 0, accept(number));
  ASSERT_TRUE(persists(one, 20));
  const auto lost = world.events(kSlot, EventKind::source_expired);
  ASSERT_THAT(lost, SizeIs(2));
  EXPECT_EQ(lost[1].from, Offset{10});
  EXPECT_EQ(lost[1].to, Offset{18});
}

TEST_F(ShardLosses, EachKindHasItsOwnPolicy) {
  world.flow.on_event[EventKind::source_expired] = OnDataLoss::go_on;
  lose_five();
  ProcessOnFakes one(world, 2);
  begin(one);
  ASSERT_TRUE(persists(one, 20));
  world.source.truncate(WorldOnFakes::orders(0), Offset{17});
  one.kill();
  ProcessOnFakes two(world, 3);
  begin(two);
  EXPECT_TRUE(is_parked(two)) << "a truncated source follows on.data.loss";
}

// By the ends of the log nothing is wrong: only the leader epoch tells.
TEST_F(ShardLosses, ALogThatWasCutBackAndIsLongerAgainIsToldExactly) {
  ASSERT_NO_FATAL_FAILURE(cut_source_back(10));
  ProcessOnFakes one(world, 2);
  begin(one);
  ASSERT_TRUE(is_parked(one));
  one.steps(500);
  EXPECT_THAT(world.written(0), SizeIs(10)) << "nor does a retry go on";
  const auto lost = world.events(kSlot, EventKind::source_truncated);
  ASSERT_THAT(lost, SizeIs(1));
  EXPECT_EQ(lost[0].from, Offset{7});
  EXPECT_EQ(lost[0].to, Offset{10});
  one.kill();
  ProcessOnFakes two(world, 3);
  begin(two);
  ASSERT_TRUE(is_parked(two)) << "nor does a restart";
  two.remedy(kSlot, 0, accept(lost[0].number));
  ASSERT_TRUE(persists(two, 12));
  const auto written = world.written(0);
  ASSERT_THAT(written, SizeIs(15));
  EXPECT_EQ(std::vector<std::string>(written.end() - 5, written.end()), wanted_from(7));
  EXPECT_THAT(world.events(kSlot, EventKind::source_truncated), SizeIs(1));
}

// The end of the log says less than was lost.
TEST_F(ShardLosses, ALogThatWasCutBackAndHasGrownShortOfThePositionIsToldExactly) {
  ASSERT_NO_FATAL_FAILURE(cut_source_back(20));
  ProcessOnFakes one(world, 2);
  begin(one);
  ASSERT_TRUE(is_parked(one));
  const auto lost = world.events(kSlot, EventKind::source_truncated);
  ASSERT_THAT(lost, SizeIs(1));
  EXPECT_EQ(lost[0].from, Offset{7});
  EXPECT_EQ(lost[0].to, Offset{20});
  one.remedy(kSlot, 0, accept(lost[0].number));
  ASSERT_TRUE(persists(one, 12));
  const auto written = world.written(0);
  ASSERT_THAT(written, SizeIs(25));
  EXPECT_EQ(std::vector<std::string>(written.end() - 5, written.end()), wanted_from(7));
}

// Markers and aborted records move the position, but are of a leader that no record tells of.
TEST_F(ShardLosses, ACleanElectionBehindTheLastRecordIsNoLoss) {
  world.fill(0, 10);
  world.source.elect(WorldOnFakes::orders(0));
  world.source.append_gap(WorldOnFakes::orders(0), 5);
  ASSERT_NO_FATAL_FAILURE(mirror_and_die(15));
  world.fill(0, 3);
  ProcessOnFakes one(world, 2);
  begin(one);
  ASSERT_TRUE(persists(one, 18));
  EXPECT_THAT(world.written(0), SizeIs(13));
  EXPECT_THAT(world.events(kSlot, EventKind::source_truncated), IsEmpty());
}

// The same where retention has taken the last record that was read.
TEST_F(ShardLosses, AnExpiredLastRecordIsNoLoss) {
  world.fill(0, 10);
  world.source.append_gap(WorldOnFakes::orders(0), 5);
  ASSERT_NO_FATAL_FAILURE(mirror_and_die(15));
  world.source.set_log_start(WorldOnFakes::orders(0), Offset{12});
  world.fill(0, 3);
  ProcessOnFakes one(world, 2);
  begin(one);
  ASSERT_TRUE(persists(one, 18));
  EXPECT_THAT(world.written(0), SizeIs(13));
}

TEST_F(ShardLosses, AForeignWriterStopsThePartitionByPolicyUntilAccepted) {
  world.flow.on_event[EventKind::unexpected_target_offset] = OnDataLoss::stop;
  ProcessOnFakes one(world);
  begin(one);
  world.fill(0, 10);
  ASSERT_TRUE(persists(one, 10));
  world.target.append(WorldOnFakes::copies(0), "k", "foreign");
  world.fill(0, 1);
  ASSERT_TRUE(is_parked(one));
  world.fill(0, 10);
  one.steps(2000);  // many retries' time
  const auto foreign = world.events(kSlot, EventKind::unexpected_target_offset);
  ASSERT_THAT(foreign, SizeIs(1));
  EXPECT_EQ(position(kSlot, 0), 11);
  one.kill();
  ProcessOnFakes two(world, 2);
  begin(two);
  two.steps(500);
  EXPECT_EQ(position(kSlot, 0), 11) << "nor does a restart lift it";
  two.remedy(kSlot, 0, accept(foreign[0].number));
  ASSERT_TRUE(persists(two, 21));
}

TEST_F(ShardLosses, ResumingWhatWasPausedAcceptsNothing) {
  world.flow.on_event[EventKind::unexpected_target_offset] = OnDataLoss::stop;
  ProcessOnFakes one(world);
  begin(one);
  world.fill(0, 10);
  ASSERT_TRUE(persists(one, 10));
  world.target.append(WorldOnFakes::copies(0), "k", "foreign");
  world.fill(0, 1);
  ASSERT_TRUE(is_parked(one));
  const auto reason = one.snapshot(0)->reason;
  one.command(kSlot, {}, CommandKind::pause);
  one.steps(200);
  one.command(kSlot, {}, CommandKind::resume);
  world.fill(0, 10);
  one.steps(2000);
  EXPECT_EQ(position(kSlot, 0), 11);
  EXPECT_EQ(one.snapshot(0)->reason, reason);
  const auto foreign = world.events(kSlot, EventKind::unexpected_target_offset);
  ASSERT_THAT(foreign, SizeIs(1));
  one.remedy(kSlot, 0, accept(foreign[0].number));
  ASSERT_TRUE(persists(one, 21));
}

// By the end of the log nothing is wrong when it is measured: our own requests made it long again.
TEST_F(ShardLosses, ATargetThatWasCutBackAndIsLongerAgainIsToldExactly) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  world.target.truncate(WorldOnFakes::copies(0), Offset{7});
  world.fill(0, 20);
  ASSERT_TRUE(is_parked(one));
  one.steps(500);
  const auto lost = world.events(kSlot, EventKind::target_truncated);
  ASSERT_THAT(lost, SizeIs(1));
  EXPECT_EQ(lost[0].from, Offset{7});
  EXPECT_EQ(lost[0].to, Offset{10});
  ASSERT_GE(world.target.at(WorldOnFakes::copies(0)).end, Offset{10});
  one.kill();
  ProcessOnFakes two(world, 2);
  begin(two);
  two.steps(500);
  EXPECT_EQ(position(kSlot, 0), 10) << "nor does a restart lift it";
  EXPECT_THAT(world.events(kSlot, EventKind::target_truncated), SizeIs(1));
  two.remedy(kSlot, 0, accept(lost[0].number));
  ASSERT_TRUE(persists(two, 30));
  auto wanted = world.wanted(0);
  wanted.erase(wanted.begin() + 7, wanted.begin() + 10);
  EXPECT_EQ(world.written(0), wanted);
  EXPECT_THAT(world.events(kSlot, EventKind::tail_mismatch), IsEmpty());
}

// While it is written: whoever acknowledges says where, and not that this is another topic.
TEST_F(ShardLosses, ATargetThatWasRecreatedUnderAForeignWriterLostAllOfIt) {
  world.flow.on_event[EventKind::target_truncated] = OnDataLoss::go_on;
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  world.target.delete_topic(WorldOnFakes::copies(0).topic);
  world.target.create_topic(WorldOnFakes::copies(0).topic, 2);
  for (int i = 0; i < 5; ++i) world.target.append(WorldOnFakes::copies(0), "k", "foreign");
  world.fill(0, 10);
  ASSERT_TRUE(persists(one, 20));
  const auto lost = world.events(kSlot, EventKind::target_truncated);
  ASSERT_THAT(lost, SizeIs(1));
  EXPECT_EQ(lost[0].from, Offset{0});
  EXPECT_EQ(lost[0].to, Offset{10});
  const auto map = map_of(*world.entry(kSlot, 0));
  EXPECT_EQ(map.to_target(Offset{0}).offset, map.to_target(Offset{10}).offset);
}

// The first request behind the cut was acknowledged without saying where.
TEST_F(ShardLosses, ACutBeforeCopiesWithoutAnOffsetIsToldExactly) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  world.target.truncate(WorldOnFakes::copies(0), Offset{7});
  one.sink()->lose_offsets(one.index_of(0), 1);
  world.fill(0, 200);
  ASSERT_TRUE(is_parked(one));
  const auto lost = world.events(kSlot, EventKind::target_truncated);
  ASSERT_THAT(lost, SizeIs(1));
  EXPECT_EQ(lost[0].from, Offset{7});
  EXPECT_EQ(lost[0].to, Offset{10});
}

TEST_F(ShardLosses, APositionThatIsSetBehindACutIsNoLossAgain) {
  ASSERT_NO_FATAL_FAILURE(cut_source_back(10));
  ProcessOnFakes one(world, 2);
  begin(one);
  ASSERT_TRUE(is_parked(one));
  one.remedy(kSlot, 0, set(11));
  ASSERT_TRUE(persists(one, 12));
  EXPECT_THAT(world.events(kSlot, EventKind::source_truncated), SizeIs(1));
}

// Nor does it say what the topic before held.
TEST_F(ShardLosses, APositionThatIsSetOverALostTargetKeepsNothingOfTheMap) {
  world.fill(0, 10);
  ASSERT_NO_FATAL_FAILURE(mirror_and_die(10));
  world.target.delete_topic(WorldOnFakes::copies(0).topic);
  world.target.create_topic(WorldOnFakes::copies(0).topic, 1);
  for (int i = 0; i < 15; ++i) world.target.append(WorldOnFakes::copies(0), "k", "foreign");
  world.fill(0, 10);
  ProcessOnFakes one(world, 2);
  begin(one);
  one.remedy(kSlot, 0, set(12));  // before it has looked
  ASSERT_TRUE(persists(one, 20));
  const auto lost = world.events(kSlot, EventKind::target_truncated);
  ASSERT_THAT(lost, SizeIs(1));
  EXPECT_EQ(lost[0].to, Offset{10});
  const auto map = map_of(*world.entry(kSlot, 0));
  EXPECT_NE(map.to_target(Offset{5}).exactness, Exactness::exact);
  EXPECT_EQ(map.to_target(Offset{12}), (Translation{Offset{15}, Exactness::exact}));
}

// What is behind our last copy, of exactly once that was switched off or of somebody else, counts
// only when it is committed.
TEST_F(ShardLosses, AnOpenTransactionOnTheTargetIsWaitedFor) {
  world.fill(0, 10);
  ASSERT_NO_FATAL_FAILURE(mirror_and_die(10));
  world.target.open_transaction(WorldOnFakes::copies(0));
  world.target.append(WorldOnFakes::copies(0), "k", "whose?");
  world.fill(0, 5);
  ProcessOnFakes one(world, 2);
  begin(one);
  ASSERT_TRUE(is_parked(one));
  EXPECT_THAT(one.snapshot(0)->reason, HasSubstr("transaction"));
  EXPECT_THAT(world.written(0), SizeIs(10));
  world.target.close_transaction(WorldOnFakes::copies(0));
  ASSERT_TRUE(persists(one, 15));
}

TEST_F(ShardLosses, AnAbortedTailIsNoCopy) {
  world.fill(0, 10);
  ASSERT_NO_FATAL_FAILURE(mirror_and_die(10));
  world.fill(0, 5);
  const auto& records = world.source.at(WorldOnFakes::orders(0)).records;
  for (auto i = records.size() - 5; i < records.size(); ++i) {
    world.target.append_aborted(WorldOnFakes::copies(0), records[i].data);
  }
  world.target.append_gap(WorldOnFakes::copies(0));
  ProcessOnFakes one(world, 2);
  begin(one);
  ASSERT_TRUE(persists(one, 15));
  EXPECT_THAT(world.events(kSlot, EventKind::tail_matched), IsEmpty());
  EXPECT_THAT(world.target.at(WorldOnFakes::copies(0)).visible(), SizeIs(15));
}

TEST_F(ShardLosses, RecordsOnTheTargetThatNoPositionKnowsAreTold) {
  for (int i = 0; i < 4; ++i) world.target.append(WorldOnFakes::copies(0), "k", "before us");
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  EXPECT_THAT(world.written(0), SizeIs(14));
  const auto unknown = world.events(kSlot, EventKind::tail_mismatch);
  ASSERT_THAT(unknown, SizeIs(1));
  EXPECT_EQ(unknown[0].from, Offset{0});
  EXPECT_EQ(unknown[0].to, Offset{4});
}

TEST_F(ShardLosses, AForeignTailStopsThePartitionByPolicy) {
  world.flow.on_event[EventKind::tail_mismatch] = OnDataLoss::stop;
  world.fill(0, 10);
  ASSERT_NO_FATAL_FAILURE(mirror_and_die(10));
  world.target.append(WorldOnFakes::copies(0), "k", "foreign");
  world.fill(0, 10);
  ProcessOnFakes one(world, 2);
  begin(one);
  ASSERT_TRUE(is_parked(one));
  EXPECT_THAT(world.written(0), SizeIs(11)) << "nothing is written behind it";
  const auto foreign = world.events(kSlot, EventKind::tail_mismatch);
  ASSERT_THAT(foreign, SizeIs(1));
  one.remedy(kSlot, 0, accept(foreign[0].number));
  ASSERT_TRUE(persists(one, 20));
  EXPECT_THAT(world.written(0), SizeIs(21));
}

TEST_F(ShardLosses, APositionSetGoesOnWithATargetThatLostItsCopies) {
  world.fill(0, 10);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 10));
  world.target.truncate(WorldOnFakes::copies(0), Offset{0});
  world.fill(0, 1);
  ASSERT_TRUE(is_parked(one));
  one.remedy(kSlot, 0, set(0));
  ASSERT_TRUE(persists(one, 11));
  // The record that showed the loss stands before them.
  const auto written = world.written(0);
  ASSERT_THAT(written, SizeIs(12));
  EXPECT_TRUE(std::vector<std::string>(written.begin() + 1, written.end()) == world.wanted(0));
}

TEST_F(ShardLosses, ACrashWhileThePositionIsSetSetsItAgainAndNothingElse) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 20));
  one.sink()->hold_landing = true;
  one.remedy(kSlot, 0, set(10));
  one.steps(50);
  EXPECT_THAT(world.written(0), SizeIs(20)) << "nothing before the position is on the target";
  one.kill();
  world.target.land_late();
  ProcessOnFakes two(world, 2);
  begin(two);
  ASSERT_TRUE(two.step_until([&] { return world.written(0).size() == 30; }));
  ASSERT_TRUE(persists(two, 20));
  EXPECT_EQ(map_of(*world.entry(kSlot, 0)).to_target(Offset{10}).offset, Offset{20});
}

}  // namespace
}  // namespace longspan
