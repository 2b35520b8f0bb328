// A slot's transactions: what is seen when, and whose they are.
#include "mirror/slot_transaction.h"

#include <gtest/gtest.h>

#include "tests/unit/mirror/shard_on_fakes.h"

namespace longspan {
namespace {

class ExactlyOnce : public testing::Test {
 protected:
  ExactlyOnce() { world.flow.delivery = Delivery::exactly_once; }
  void give(ProcessOnFakes& process) {
    process.take(0);
    process.add(0, 0);
  }
  [[nodiscard]] bool has_committed(std::size_t records) {
    return world.written(0).size() == records;
  }
  WorldOnFakes world{1, 1};
};

TEST_F(ExactlyOnce, ShowsNothingBeforeItIsCommitted) {
  ProcessOnFakes process(world);
  give(process);
  world.fill(0, 10);
  ASSERT_TRUE(process.step_until([&] { return has_committed(10); }));
  ASSERT_TRUE(process.step_until([&] { return process.snapshot(0)->next_source == Offset{10}; }));
  world.fill(0, 10);
  ASSERT_TRUE(process.step_until(
      [&] { return world.target.at(WorldOnFakes::copies(0)).records.size() == 20; }));
  EXPECT_EQ(world.written(0).size(), 10U);
  EXPECT_EQ(world.entry(0, 0)->position.next_source, Offset{10});
  EXPECT_EQ(process.snapshot(0)->next_source, Offset{10});
}

TEST_F(ExactlyOnce, AFencedOwnerLeavesTheSlotToItsSuccessor) {
  ProcessOnFakes first(world, 1);
  give(first);
  world.fill(0, 10);
  ASSERT_TRUE(first.step_until([&] { return has_committed(10); }));
  ProcessOnFakes second(world, 2);
  give(second);
  ASSERT_TRUE(second.step_until([&] { return second.snapshot(0).has_value(); }));
  world.fill(0, 10);
  const int before = first.sinks_made;
  first.steps(100);  // 2 s: it meets the fence, and does not fence in turn
  EXPECT_EQ(first.sinks_made, before);
  ASSERT_TRUE(second.step_until([&] { return has_committed(20); }));
  EXPECT_EQ(world.written(0), world.wanted(0));
}

// Seen on Kafka 4.3.1 after its only broker was killed: a committed transaction without its marker
// in one partition. Nothing was lost, so nothing is told.
TEST_F(ExactlyOnce, AMarkerThatTheCoordinatorLeftOutIsNoLoss) {
  {
    ProcessOnFakes first(world, 1);
    give(first);
    world.fill(0, 10);
    ASSERT_TRUE(first.step_until([&] { return has_committed(10); }));
    first.kill();
  }
  FakePartition& copies = world.target.at(WorldOnFakes::copies(0));
  ASSERT_EQ(copies.end, Offset{11});
  copies.end = Offset{10};
  ProcessOnFakes second(world, 2);
  give(second);
  world.fill(0, 5);
  ASSERT_TRUE(second.step_until([&] { return has_committed(15); }));
  EXPECT_EQ(world.written(0), world.wanted(0));
  EXPECT_TRUE(world.events(0, EventKind::target_truncated).empty());
  EXPECT_TRUE(world.events(0, EventKind::unexpected_target_offset).empty());
}

// It takes the offset that the marker was to have.
TEST_F(ExactlyOnce, ARecordOfSomebodyElseInFrontOfOurMarkerIsNamed) {
  for (const bool is_restarted : {false, true}) {
    WorldOnFakes fresh(1, 1);
    fresh.flow.delivery = Delivery::exactly_once;
    std::optional<ProcessOnFakes> process(std::in_place, fresh, 1);
    give(*process);
    fresh.fill(0, 10);
    const auto& log = fresh.target.at(WorldOnFakes::copies(0));
    ASSERT_TRUE(process->step_until([&] { return log.records.size() == 10; }));
    ASSERT_EQ(log.end, Offset{10}) << "the marker is there already";
    fresh.target.append(WorldOnFakes::copies(0), "k", "foreign");
    ASSERT_TRUE(process->step_until([&] { return fresh.written(0).size() == 11; }));
    if (is_restarted) {
      process->kill();
      process.emplace(fresh, 2);
      give(*process);
    }
    fresh.fill(0, 5);
    ASSERT_TRUE(process->step_until([&] { return fresh.written(0).size() == 16; }));
    const auto kind = is_restarted ? EventKind::tail_mismatch : EventKind::unexpected_target_offset;
    ASSERT_TRUE(process->step_until([&] { return fresh.events(0, kind).size() == 1; }));
    EXPECT_EQ(fresh.events(0, kind)[0].from, Offset{10});
    EXPECT_EQ(fresh.events(0, kind)[0].to, Offset{12});
  }
}

TEST_F(ExactlyOnce, ALogThatWasCutBackAndIsLongerAgainStopsThePartition) {
  ProcessOnFakes first(world, 1);
  give(first);
  world.fill(0, 10);
  ASSERT_TRUE(first.step_until([&] { return has_committed(10); }));
  world.target.truncate(WorldOnFakes::copies(0), Offset{7});
  world.fill(0, 20);
  ASSERT_TRUE(first.step_until([&] {
    const auto seen = first.snapshot(0);
    return seen && seen->state == PartitionState::parked;
  }));
  first.steps(500);
  first.kill();
  ProcessOnFakes process(world, 2);
  give(process);
  process.steps(500);
  EXPECT_EQ(world.written(0).size(), 7U);
  const auto lost = world.events(0, EventKind::target_truncated);
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost[0].from, Offset{7});
  EXPECT_EQ(lost[0].to, Offset{11});
  Remedy accept;
  accept.kind = RemedyKind::accept_loss;
  accept.event = lost[0].number;
  process.remedy(0, 0, accept);
  ASSERT_TRUE(process.step_until([&] { return has_committed(27); }));
  auto wanted = world.wanted(0);
  wanted.erase(wanted.begin() + 7, wanted.begin() + 10);
  EXPECT_EQ(world.written(0), wanted);
}

// The sink dies after every number of steps: what was told and not committed is told again.
TEST_F(ExactlyOnce, AnEventCountsOnceItIsCommitted) {
  for (int steps = 1; steps < 40; ++steps) {
    WorldOnFakes fresh(1, 1);
    fresh.flow.delivery = Delivery::exactly_once;
    ProcessOnFakes process(fresh);
    give(process);
    fresh.fill(0, 5);
    process.steps(steps);
    if (process.sink() != nullptr) process.sink()->die();
    ASSERT_TRUE(process.step_until([&] { return fresh.written(0).size() == 5; }));
    process.steps(200);  // it publishes
    const auto totals = process.shard().snapshot().events_total;
    for (const auto kind : {EventKind::slot_taken, EventKind::partition_started}) {
      ASSERT_TRUE(totals.contains(kind)) << name(kind) << " after " << steps;
      EXPECT_EQ(totals.at(kind), std::ssize(fresh.events(0, kind))) << name(kind) << " " << steps;
    }
  }
}

TEST_F(ExactlyOnce, ARefusedRecordParksItsPartitionAlone) {
  WorldOnFakes two(2, 1);
  two.flow.delivery = Delivery::exactly_once;
  two.target.topic("east.orders").configs["max.message.bytes"] = "50";
  ProcessOnFakes process(two);
  process.take(0);
  process.add(0, 0);
  process.add(0, 1);
  two.source.append(WorldOnFakes::orders(0), "k", std::string(100, 'x'));
  two.fill(1, 5);
  ASSERT_TRUE(process.step_until([&] { return two.written(1).size() == 5; }));
  EXPECT_TRUE(two.written(0).empty());
  EXPECT_TRUE(process.step_until([&] {
    const auto shown = process.snapshot(0);
    return shown && shown->state == PartitionState::parked;
  }));
}

}  // namespace
}  // namespace longspan
