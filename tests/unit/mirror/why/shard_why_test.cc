// A shard between two clusters in memory, something goes wrong: its first cause must be that.
#include <algorithm>

#include "lagcalc/why/cause_table.h"
#include "mirror/why/facts_of.h"
#include "tests/unit/mirror/shard_fixture.h"

namespace longspan {
namespace {

using std::chrono::seconds;

class ShardWhy : public ShardTest {
 protected:
  static constexpr int kPartitions = 6;
  ShardWhy() { world.flow.hung_transaction = seconds(10); }

  // What the surveyor tells once a second, for so long; nothing of `silent`.
  void pass(ProcessOnFakes& one, seconds time, std::optional<int> silent = {}) {
    for (int i = 0; i < time.count(); ++i) {
      LogEnds ends;
      for (int p = 0; p < kPartitions; ++p) {
        const auto orders = WorldOnFakes::orders(p);
        if (!world.source.has_topic("orders") || p >= partitions) break;
        if (p == silent) {
          ends.leaderless.insert(orders);
        } else {
          ends.source[orders] = ends_of(world.source.at(orders));
        }
        ends.target[orders] = ends_of(world.target.at(WorldOnFakes::copies(p)));
      }
      ends.is_target_known = true;
      ends.source_asked_at = world.clock.steady();
      one.tell(ends);
      one.steps(10);
      world.clock.advance(std::chrono::milliseconds(800));
    }
  }
  static PartitionEnds ends_of(const FakePartition& log) {
    return {log.start, log.end, log.stable_end()};
  }
  // As the flow would say it.
  Diagnoses why(ProcessOnFakes& one) {
    one.steps(40);  // until it publishes
    const ShardSnapshot shard = one.shard().snapshot();
    FlowSnapshot flow;
    flow.at = world.clock.now();
    flow.running = true;
    flow.moving_slots = 0;
    flow.partitions = shard.partitions;
    flow.load = shard.load;
    add_why(flow);
    return *flow.why;
  }
  void expect_first(ProcessOnFakes& one, Cause cause) {
    const Diagnoses all = why(one);
    ASSERT_FALSE(all.found.empty());
    EXPECT_EQ(name(all.found.front().cause), name(cause)) << all.found.front().what;
    EXPECT_FALSE(all.found.front().because_of);
  }

  int partitions = 2;
};

TEST_F(ShardWhy, AMirrorThatIsDoneKeepsUp) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one, 2);
  ASSERT_TRUE(drains(one, 0));
  pass(one, seconds(5));
  expect_first(one, Cause::keeping_up);
}

TEST_F(ShardWhy, AParkedPartitionIsItWithItsReason) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one, 2);
  ASSERT_TRUE(drains(one, 0));
  one.sink()->fail_always(WorldOnFakes::copies(0), kRefused);
  world.fill(0, 5);
  ASSERT_TRUE(is_parked(one));
  pass(one, seconds(3));
  expect_first(one, Cause::parked_partition);
  EXPECT_THAT(why(one).found.front().what, testing::HasSubstr("not authorised"));
}

TEST_F(ShardWhy, AnOpenTransactionIsItBeforeItsEventIs) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one, 2);
  ASSERT_TRUE(drains(one, 0));
  world.source.open_transaction(WorldOnFakes::orders(0));
  world.fill(0, 30);
  pass(one, seconds(25));
  expect_first(one, Cause::hung_transaction);
  const Diagnosis hung = why(one).found.front();
  EXPECT_EQ(hung.severity, Severity::warning);
  EXPECT_THAT(hung.evidence,
              testing::Contains(Evidence{"partitions[].behind_transaction", std::int64_t{30}}));
  pass(one, seconds(40));
  EXPECT_EQ(why(one).found.front().severity, Severity::critical);
  world.source.close_transaction(WorldOnFakes::orders(0));
  pass(one, seconds(3));
  expect_first(one, Cause::keeping_up);
}

// The end of one report was a moment younger than its stable end, and no report followed.
TEST_F(ShardWhy, ATransactionDoesNotGrowOldWhileTheSourceIsAway) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one, 2);
  ASSERT_TRUE(drains(one, 0));
  world.source.open_transaction(WorldOnFakes::orders(0));
  world.fill(0, 30);
  pass(one, seconds(5));
  pass(one, seconds(90), 0);
  for (const Diagnosis& each : why(one).found) EXPECT_NE(each.cause, Cause::hung_transaction);
}

TEST_F(ShardWhy, ATargetThatTakesNothingIsIt) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one, 2);
  ASSERT_TRUE(drains(one, 0));
  one.sink()->hold_acks = true;
  world.fill(0, 5);
  pass(one, seconds(15));
  expect_first(one, Cause::target_unwritable);
  one.sink()->hold_acks = false;
  pass(one, seconds(3));
  expect_first(one, Cause::keeping_up);
}

TEST_F(ShardWhy, APartitionWithoutALeaderIsIt) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one, 2);
  ASSERT_TRUE(drains(one, 0));
  pass(one, seconds(2));
  pass(one, seconds(10), 1);
  expect_first(one, Cause::source_leaderless);
  pass(one, seconds(2));
  expect_first(one, Cause::keeping_up);
}

// Who took it meanwhile never saw its end, and cannot begin.
TEST_F(ShardWhy, APartitionThatNeverHadALeaderHereIsIt) {
  world.fill(0, 20);
  world.source.at(WorldOnFakes::orders(1)).broken = Error{Next::retry, 5, "no leader", ""};
  ProcessOnFakes one(world);
  begin(one, 2);
  ASSERT_TRUE(drains(one, 0));
  pass(one, seconds(10), 1);
  EXPECT_EQ(one.shard().snapshot().partitions.at(1).state, PartitionState::parked);
  expect_first(one, Cause::source_leaderless);
}

TEST_F(ShardWhy, AHotPartitionThatIsCaughtUpIsItWithItsEnd) {
  WorldOnFakes wide(kPartitions);
  ProcessOnFakes one(wide);
  one.batch_max = 3;
  one.take(kSlot);
  for (int i = 0; i < kPartitions; ++i) one.add(kSlot, i);
  wide.fill(2, 20'000);
  for (int s = 0; s < 20; ++s) {
    for (int p = 0; p < kPartitions; ++p) wide.fill(p, 2);
    LogEnds ends;
    for (int p = 0; p < kPartitions; ++p) {
      ends.source[WorldOnFakes::orders(p)] = ends_of(wide.source.at(WorldOnFakes::orders(p)));
      ends.target[WorldOnFakes::orders(p)] = ends_of(wide.target.at(WorldOnFakes::copies(p)));
    }
    ends.is_target_known = true;
    ends.source_asked_at = wide.clock.steady();
    one.tell(ends);
    one.steps(60);
    wide.clock.advance(std::chrono::milliseconds(900));
  }
  FlowSnapshot flow;
  flow.at = wide.clock.now();
  flow.running = true;
  flow.partitions = one.shard().snapshot().partitions;
  flow.load = one.shard().snapshot().load;
  add_why(flow);
  ASSERT_FALSE(flow.why->found.empty());
  const Diagnosis& first = flow.why->found.front();
  EXPECT_EQ(name(first.cause), name(Cause::hot_partition)) << first.what;
  EXPECT_EQ(first.scope.name, "orders:2");
  EXPECT_EQ(first.severity, Severity::info);
  EXPECT_GT(first.eta_ms.value_or(0), 0);
}

TEST_F(ShardWhy, BrokersThatAreAllDownAreToldWithTheTime) {
  world.fill(0, 20);
  ProcessOnFakes one(world);
  begin(one, 2);
  ASSERT_TRUE(drains(one, 0));
  world.source.set_reachable(false);
  one.steps(5);
  world.clock.advance(seconds(7));
  one.steps(60);
  EXPECT_GE(one.shard().snapshot().source_down_ms, 7'000);
  world.source.set_reachable(true);
  pass(one, seconds(1));
  one.steps(60);
  EXPECT_EQ(one.shard().snapshot().source_down_ms, 0);
}

}  // namespace
}  // namespace longspan
