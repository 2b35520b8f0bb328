#include "tests/unit/mirror/shard_fixture.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kSinkBytes = 200'000;  // some 400 of these records

NamePatterns only(const std::string& topic) {
  return *NamePatterns::make({topic}, "priority.high");
}

// `orders` beside `logs`, which has a backlog.
class ShardPriority : public ShardTest {
 protected:
  ShardPriority() {
    world.source.create_topic("logs", 1);
    world.target.create_topic("east.logs", 1);
  }

  void fill_logs(int count, std::size_t bytes = 20) {
    for (int i = 0; i < count; ++i) world.source.append(kLogs, "k", std::string(bytes, 'x'));
  }
  [[nodiscard]] std::int64_t logs_written() { return world.target.at(kCopies).end.value; }
  [[nodiscard]] std::int64_t logs_wanted() { return world.source.at(kLogs).end.value; }
  [[nodiscard]] std::int64_t orders_written() {
    return world.target.at(WorldOnFakes::copies(0)).end.value;
  }
  [[nodiscard]] bool nothing_is_left() {
    return logs_written() == logs_wanted() &&
           orders_written() == world.source.at(WorldOnFakes::orders(0)).end.value;
  }
  [[nodiscard]] bool all_is_written() {
    return world.written(0) == world.wanted(0) &&
           world.values(world.target, kCopies) == world.values(world.source, kLogs);
  }
  void begin_both(ProcessOnFakes& one) {
    begin(one);
    one.tell(AddPartition{kSlot, {kLogs, world.source.topic("logs").id}, kCopies, one.start});
  }
  void tell_ends(ProcessOnFakes& one) {
    LogEnds ends;
    for (const auto& source : {WorldOnFakes::orders(0), kLogs}) {
      const auto& log = world.source.at(source);
      ends.source[source] = {log.start, log.end, log.stable_end()};
    }
    one.tell(ends);
  }
  LiveSettings settings() const { return world.flow; }

  static ShardLimits small_sink() {
    ShardLimits limits;
    limits.sink_bytes_max = kSinkBytes;
    return limits;
  }

  // The most turns an order took to be on the target, one at a time, while the logs are behind.
  int worst_delay() {
    ProcessOnFakes one(world, 1, small_sink());
    one.batch_max = 2000;
    fill_logs(60'000);
    begin_both(one);
    EXPECT_TRUE(one.step_until([&] { return logs_written() > 1000; }));
    int worst = 0;
    for (int i = 0; i < 30; ++i) {
      world.fill(0, 1);
      int steps = 0;
      for (; orders_written() != i + 1 && steps < 1000; ++steps) one.step();
      worst = std::max(worst, steps);
    }
    EXPECT_LT(logs_written(), logs_wanted());  // or nothing was shown
    return worst;
  }

  const TopicPartition kLogs{"logs", 0};
  const TopicPartition kCopies{"east.logs", 0};
};

TEST_F(ShardPriority, ABacklogOfLogsDoesNotDelayOrders) {
  world.flow.priority_high = only("orders");
  EXPECT_LE(worst_delay(), 8);
}

TEST_F(ShardPriority, WithoutPrioritiesTheSameBacklogDelaysThem) { EXPECT_GT(worst_delay(), 12); }

TEST_F(ShardPriority, WhileOrdersAreBehindTheLogsGetTheirFloorAndNoMore) {
  world.flow.priority_high = only("orders");
  world.flow.priority_floor_percent = 20;
  ProcessOnFakes one(world);
  world.fill(0, 20'000);
  fill_logs(20'000, 6);  // as large as an order
  begin_both(one);
  ASSERT_TRUE(one.step_until([&] { return orders_written() > 18'000; }));
  EXPECT_GT(logs_written(), 3'000);
  EXPECT_LT(logs_written(), 6'500);
  EXPECT_TRUE(one.step_until([&] { return nothing_is_left(); }));
}

TEST_F(ShardPriority, HighPriorityThatIsStuckHoldsNobodyBack) {
  world.flow.priority_high = only("orders");
  ProcessOnFakes one(world);
  world.fill(0, 5'000);
  fill_logs(5'000);
  begin_both(one);
  ASSERT_TRUE(one.step_until([&] { return orders_written() > 1000; }));
  one.source()->fall_silent(one.index_of(0), true);
  EXPECT_TRUE(one.step_until([&] { return logs_written() == logs_wanted(); }));
  EXPECT_LT(orders_written(), 5'000);
}

// What their own throttle keeps the orders from, the logs may have.
TEST_F(ShardPriority, ThrottledOrdersHoldNobodyBack) {
  world.flow.priority_high = only("orders");
  world.flow.throttle_high = 100;
  ProcessOnFakes one(world);
  world.fill(0, 5'000);
  fill_logs(5'000);
  begin_both(one);
  const auto begun = world.clock.steady();
  EXPECT_TRUE(one.step_until([&] { return logs_written() == logs_wanted(); }));
  EXPECT_LT(world.clock.steady() - begun, seconds(10));
  EXPECT_LT(orders_written(), 1'000);
}

TEST_F(ShardPriority, OnlyWhereBothAreThereIsASecondSourceMade) {
  world.flow.priority_high = only("billing");
  ProcessOnFakes one(world);
  world.fill(0, 10);
  fill_logs(10);
  begin_both(one);
  ASSERT_TRUE(one.step_until([&] { return nothing_is_left(); }));
  EXPECT_EQ(one.sources_made, 1);
  auto changed = settings();
  changed.priority_high = only("orders");
  one.tell(ChangeSettings{changed});
  world.fill(0, 10);
  ASSERT_TRUE(drains(one, 0));
  EXPECT_GE(one.sources_made, 2);
  ASSERT_TRUE(one.step_until([&] { return one.snapshot(0)->priority == Priority::high; }));
}

TEST_F(ShardPriority, TopicsThatChangeTheirPriorityInFlightLoseNothing) {
  ProcessOnFakes one(world, 1, small_sink());
  one.batch_max = 2000;
  world.fill(0, 10'000);
  fill_logs(10'000);
  begin_both(one);
  for (int turn = 0; !nothing_is_left() && turn < 200; ++turn) {
    auto changed = settings();
    if (turn % 3 != 0) changed.priority_high = only(turn % 3 == 1 ? "orders" : "logs");
    one.tell(ChangeSettings{changed});
    one.steps(5);
  }
  EXPECT_TRUE(one.step_until([&] { return nothing_is_left(); }));
  EXPECT_TRUE(all_is_written());
  EXPECT_TRUE(world.events(kSlot, EventKind::tail_mismatch).empty());
}

TEST_F(ShardPriority, AThrottleHoldsOverTimeAndSaysSo) {
  world.flow.throttle = 10'000;
  ProcessOnFakes one(world);
  fill_logs(5'000, 99);  // with its key 100 bytes
  begin_both(one);
  const auto begun = world.clock.steady();
  std::string reason;
  while (world.clock.steady() - begun < seconds(20)) {
    one.step();
    for (const auto& p : one.shard().snapshot().partitions) reason += p.reason;
  }
  EXPECT_GT(logs_written(), 1'900);
  EXPECT_LT(logs_written(), 2'250);
  EXPECT_NE(reason.find("throttled"), std::string::npos);
  const auto normal = one.shard().snapshot().priorities[index_of(Priority::normal)];
  EXPECT_GT(normal.throttled_total_ms, 15'000);
}

// Who reads the position while nothing moves must not take it for throttled, or for free.
TEST_F(ShardPriority, ThePositionSaysWhatHoldsNow) {
  world.flow.throttle = 1000;
  ProcessOnFakes one(world);
  world.fill(0, 500);
  begin(one);
  const auto reason = [&] {
    const auto entry = world.entry(kSlot, 0);
    return entry ? entry->position.reason : "";
  };
  ASSERT_TRUE(one.step_until([&] { return reason() == "throttled"; }));
  ASSERT_TRUE(drains(one, 0));
  EXPECT_TRUE(one.step_until([&] { return reason().empty(); }));
  one.command(kSlot, {"orders", std::nullopt}, CommandKind::pause);
  ASSERT_TRUE(one.step_until([&] { return reason() == "paused by alice"; }));
  one.command(kSlot, {"orders", std::nullopt}, CommandKind::resume);
  EXPECT_TRUE(one.step_until([&] { return reason().empty(); }));
}

TEST_F(ShardPriority, AThrottleIsLiftedWhileItRuns) {
  world.flow.throttle = 1000;
  ProcessOnFakes one(world);
  fill_logs(5'000, 99);
  begin_both(one);
  one.steps(100);
  EXPECT_LT(logs_written(), 100);
  one.tell(ChangeSettings{});
  const auto lifted = world.clock.steady();
  EXPECT_TRUE(one.step_until([&] { return nothing_is_left(); }));
  EXPECT_LT(world.clock.steady() - lifted, seconds(5));
}

// Its records wait behind the throttle, not for the source: no new client is made for it.
TEST_F(ShardPriority, WhatIsThrottledIsNotTakenForStuck) {
  world.flow.throttle = 200;
  ProcessOnFakes one(world);
  one.idle = milliseconds(100);
  world.fill(0, 50);
  fill_logs(50, 99);
  begin_both(one);
  for (int i = 0; i < 1500; ++i) {
    if (i % 10 == 0) tell_ends(one);
    one.step();
  }
  EXPECT_EQ(one.sources_made, 1);
  EXPECT_TRUE(all_is_written());
}

}  // namespace
}  // namespace longspan
