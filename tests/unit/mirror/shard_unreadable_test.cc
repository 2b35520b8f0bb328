// A batch of the source that cannot be read stops its partition, or is stepped over, with the exact
// range; whatever happens meanwhile no record that can be read is left out.
#include "tests/fakes/seed.h"
#include "tests/unit/mirror/shard_fixture.h"

namespace longspan {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ShardUnreadable : public ShardTest {
 protected:
  void damage(std::int64_t from, std::int64_t to, bool is_silent = false) {
    world.source.at(WorldOnFakes::orders(0))
        .bad_batches.push_back({Offset{from}, Offset{to}, is_silent});
  }
  void mend() { world.source.at(WorldOnFakes::orders(0)).bad_batches.clear(); }
  void step_over_all() { world.flow.on_event[EventKind::batch_unreadable] = OnDataLoss::go_on; }
  [[nodiscard]] std::vector<Event> unreadable() {
    return world.events(kSlot, EventKind::batch_unreadable);
  }
  void accept_loss(ProcessOnFakes& one, std::int64_t event) { one.remedy(kSlot, 0, accept(event)); }
  [[nodiscard]] std::vector<std::string> wanted_without(std::size_t from, std::size_t to) {
    auto all = world.wanted(0);
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(from),
              all.begin() + static_cast<std::ptrdiff_t>(to));
    return all;
  }
  // What the surveyor tells once a second.
  void watch(ProcessOnFakes& one, int seconds) {
    for (int i = 0; i < seconds; ++i) {
      const auto& log = world.source.at(WorldOnFakes::orders(0));
      LogEnds ends;
      ends.source[WorldOnFakes::orders(0)] = {log.start, log.end, log.stable_end()};
      one.tell(ends);
      one.steps(3);
      world.clock.advance(std::chrono::milliseconds(900));
    }
  }
};

TEST_F(ShardUnreadable, ItStopsThePartitionAndNoOtherOne) {
  world.fill(0, 100);
  world.fill(1, 50);
  damage(40, 63);
  ProcessOnFakes one(world);
  begin(one, 2);
  ASSERT_TRUE(is_parked(one));
  EXPECT_THAT(world.written(0), SizeIs(40));
  ASSERT_TRUE(drains(one, 1));
  ASSERT_THAT(unreadable(), SizeIs(1));
  EXPECT_EQ(unreadable()[0].from, Offset{40});
  EXPECT_EQ(unreadable()[0].to, Offset{63});
  EXPECT_THAT(unreadable()[0].text, HasSubstr("bad checksum"));
  EXPECT_THAT(one.snapshot(0)->reason,
              HasSubstr("--accept-loss 0/" + std::to_string(unreadable()[0].number)));
  world.fill(1, 50);
  ASSERT_TRUE(drains(one, 1));
  EXPECT_EQ(one.sources_made, 1) << "the others' client stays";
  EXPECT_LE(one.probers_made, 4) << "one a search, not one a reading";

  accept_loss(one, unreadable()[0].number);
  ASSERT_TRUE(persists(one, 100));
  EXPECT_EQ(world.written(0), wanted_without(40, 63));
  EXPECT_THAT(unreadable(), SizeIs(1));
  EXPECT_THAT(world.events(kSlot, EventKind::loss_accepted), SizeIs(1));
  EXPECT_EQ(one.snapshot(0)->state, PartitionState::active);
}

TEST_F(ShardUnreadable, ByPolicyItIsSteppedOver) {
  step_over_all();
  world.fill(0, 1000);
  damage(0, 1);
  damage(10, 20);
  damage(20, 600);
  damage(601, 602);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 1000));
  auto wanted = world.wanted(0);
  wanted.erase(wanted.begin() + 601);
  wanted.erase(wanted.begin() + 10, wanted.begin() + 600);
  wanted.erase(wanted.begin());
  EXPECT_EQ(world.written(0), wanted);
  const auto told = unreadable();
  ASSERT_THAT(told, SizeIs(3));
  EXPECT_EQ(told[1].from, Offset{10});
  EXPECT_EQ(told[1].to, Offset{600});
  EXPECT_THAT(told[1].text, HasSubstr("by policy"));
  EXPECT_EQ(one.snapshot(0)->state, PartitionState::active);
}

TEST_F(ShardUnreadable, WhereTheCauseGoesNothingIsLost) {
  world.fill(0, 100);
  damage(40, 63);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(is_parked(one));
  one.steps(1500);
  EXPECT_THAT(unreadable(), SizeIs(1)) << "told once, however often it was tried";
  mend();
  ASSERT_TRUE(drains(one, 0));
  ASSERT_TRUE(persists(one, 100));
  EXPECT_FALSE(world.entry(kSlot, 0)->position.stopped_by);
}

TEST_F(ShardUnreadable, TheLogMayEndBehindIt) {
  step_over_all();
  world.fill(0, 20);
  damage(10, 20);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(persists(one, 20));
  ASSERT_THAT(unreadable(), SizeIs(1));
  EXPECT_EQ(unreadable()[0].to, Offset{20});
  EXPECT_THAT(unreadable()[0].text, HasSubstr("log's end"));
  world.fill(0, 5);
  ASSERT_TRUE(persists(one, 25));
  EXPECT_EQ(world.written(0), wanted_without(10, 20));
}

TEST_F(ShardUnreadable, WhatIsExpiredMeanwhileIsToldAsThat) {
  world.fill(0, 100);
  damage(40, 63);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(is_parked(one));
  world.source.set_log_start(WorldOnFakes::orders(0), Offset{70});
  ASSERT_TRUE(
      one.step_until([&] { return !world.events(kSlot, EventKind::source_expired).empty(); }));
  const auto expired = world.events(kSlot, EventKind::source_expired);
  EXPECT_EQ(expired[0].from, Offset{40});
  EXPECT_EQ(expired[0].to, Offset{70});
}

TEST_F(ShardUnreadable, APauseEndsTheSearchAndResumingBeginsItAgain) {
  step_over_all();
  world.fill(0, 100);
  damage(40, 63);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(one.step_until([&] { return one.probers_made == 1; }));
  one.command(kSlot, {}, CommandKind::pause);
  one.steps(100);
  EXPECT_EQ(one.snapshot(0)->state, PartitionState::paused);
  EXPECT_THAT(unreadable(), IsEmpty());
  one.command(kSlot, {}, CommandKind::resume);
  ASSERT_TRUE(persists(one, 100));
  EXPECT_EQ(world.written(0), wanted_without(40, 63));
  ASSERT_THAT(unreadable(), SizeIs(1));
}

TEST_F(ShardUnreadable, ASlotGivenAwayWhileItIsSearched) {
  step_over_all();
  world.fill(0, 100);
  damage(40, 63);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(one.step_until([&] { return one.probers_made == 1; }));
  one.drop(kSlot);
  ASSERT_TRUE(one.step_until([&] { return one.held.empty(); }));
  one.steps(20);
  ProcessOnFakes two(world, 2);
  begin(two);
  ASSERT_TRUE(persists(two, 100));
  EXPECT_EQ(world.written(0), wanted_without(40, 63));
}

// Nothing is said of it at all: it may just be slow, so the policy to go on does not count.
TEST_F(ShardUnreadable, ASilentBatchIsLeftToAnOperator) {
  step_over_all();
  world.fill(0, 100);
  damage(40, 45, true);
  ProcessOnFakes one(world);
  begin(one);
  ASSERT_TRUE(one.step_until([&] { return world.written(0).size() == 40; }));
  watch(one, 300);
  ASSERT_THAT(unreadable(), SizeIs(1));
  EXPECT_EQ(unreadable()[0].from, Offset{40});
  EXPECT_EQ(unreadable()[0].to, Offset{45});
  EXPECT_EQ(one.snapshot(0)->state, PartitionState::parked);
  accept_loss(one, unreadable()[0].number);
  watch(one, 600);
  EXPECT_EQ(world.written(0), wanted_without(40, 45));
}

class ShardUnreadableBySeed : public ShardUnreadable,
                              public testing::WithParamInterface<std::uint64_t> {};

// Processes are killed at any moment of it, in both modes: every record that can be read is there
// once and in order, and the events name the rest.
TEST_P(ShardUnreadableBySeed, ProcessesDieMeanwhile) {
  std::mt19937_64 random(GetParam());
  const bool is_exactly_once = GetParam() % 2 == 0;
  if (is_exactly_once) world.flow.delivery = Delivery::exactly_once;
  step_over_all();
  world.fill(0, 400);
  std::set<std::string> lost;
  const auto all = world.wanted(0);
  for (std::int64_t at = 20; at < 350;) {
    const auto size = std::int64_t{1} << (random() % 6);
    damage(at, at + size);
    for (auto i = at; i < at + size; ++i) lost.insert(all[static_cast<std::size_t>(i)]);
    at += size + static_cast<std::int64_t>(random() % 60);
  }
  std::vector<std::string> wanted;
  for (const auto& value : all) {
    if (!lost.contains(value)) wanted.push_back(value);
  }
  for (std::uint64_t life = 0; life < 6; ++life) {
    ProcessOnFakes one(world, GetParam() * 100 + life);
    one.batch_max = 7;
    begin(one);
    one.steps(static_cast<int>(random() % 300));
    one.kill();
    world.target.land_late();
    world.clock.advance(std::chrono::seconds(30));
  }
  ProcessOnFakes last(world, GetParam() * 100 + 99);
  begin(last);
  ASSERT_TRUE(last.step_until([&] { return position(kSlot, 0) == 400; }, 20000))
      << "LONGSPAN_SEED=" << GetParam() << ": " << position(kSlot, 0);
  // In order, nothing twice that is not told; what is readable is there.
  std::vector<std::string> once;
  std::set<std::string> seen;
  for (const auto& value : world.written(0)) {
    if (seen.insert(value).second) once.push_back(value);
  }
  EXPECT_EQ(once, wanted) << "LONGSPAN_SEED=" << GetParam();
  std::set<std::int64_t> told;
  for (const auto& event : unreadable()) {
    for (auto i = event.from->value; i < event.to->value; ++i) told.insert(i);
  }
  EXPECT_EQ(told.size(), lost.size()) << "LONGSPAN_SEED=" << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Seeds, ShardUnreadableBySeed, testing::ValuesIn(test_seeds(40)));

}  // namespace
}  // namespace longspan
