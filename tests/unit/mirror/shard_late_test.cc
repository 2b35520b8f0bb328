// What requests of former owners do to a compacted topic is undone: the last record of a key is the
// source's.
#include "tests/unit/mirror/shard_fixture.h"

namespace longspan {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class ShardLate : public ShardTest {
 protected:
  static TopicSettings compacted() {
    TopicSettings settings;
    settings.delete_retention["orders"] = std::chrono::hours(24);
    return settings;
  }
  void begin_compacted(ProcessOnFakes& one) {
    one.tell(compacted());
    begin(one);
  }
  // 100 records are mirrored by a successor of the one whose requests are still under way.
  void take_over_before_requests_land() {
    world.fill(0, 100);
    {
      ProcessOnFakes before(world);
      begin_compacted(before);
      ASSERT_TRUE(before.step_until(
          [&] { return before.source() != nullptr && before.sink()->in_flight() > 50; }));
      before.sink()->hold_landing = true;
      before.steps(2);
      before.kill();
    }
  }
  void tell_ends(ProcessOnFakes& one) {
    LogEnds ends;
    const auto& log = world.target.at(WorldOnFakes::copies(0));
    ends.target[WorldOnFakes::orders(0)] = {log.start, log.end, log.end};
    one.tell(ends);
  }
  [[nodiscard]] std::string last_value() { return world.written(0).back(); }
  // The target's offsets that events say hold no first copies.
  [[nodiscard]] std::set<std::int64_t> named() {
    std::set<std::int64_t> out;
    for (const auto& event : world.events(kSlot)) {
      if (event.kind != EventKind::written_twice && event.kind != EventKind::tail_mismatch &&
          event.kind != EventKind::unexpected_target_offset) {
        continue;
      }
      for (auto at = event.from->value; at < event.to->value; ++at) out.insert(at);
    }
    return out;
  }
  [[nodiscard]] std::vector<std::string> not_named() {
    std::vector<std::string> out;
    const auto ranges = named();
    for (const auto& record : world.target.at(WorldOnFakes::copies(0)).records) {
      if (!ranges.contains(record.offset.value)) out.push_back(*record.data.value);
    }
    return out;
  }
};

TEST_F(ShardLate, WhatLandsBehindNewerValuesIsCopiedOver) {
  take_over_before_requests_land();
  ProcessOnFakes two(world, 2);
  begin_compacted(two);
  ASSERT_TRUE(persists(two, 100));
  ASSERT_GT(world.target.land_late("east.orders"), 0U);
  world.fill(0, 1);
  ASSERT_TRUE(two.step_until([&] {
    return !world.events(kSlot, EventKind::copied_again).empty() && last_value() == "0-100";
  }));
  two.steps(200);
  EXPECT_EQ(last_value(), "0-100");
  EXPECT_THAT(world.events(kSlot, EventKind::copied_again), SizeIs(1));
  EXPECT_EQ(not_named(), world.wanted(0)) << "every second copy is named, with its exact range";
}

TEST_F(ShardLate, AlsoWhereNothingIsWrittenAnyMore) {
  take_over_before_requests_land();
  ProcessOnFakes two(world, 2);
  begin_compacted(two);
  ASSERT_TRUE(persists(two, 100));
  ASSERT_GT(world.target.land_late("east.orders"), 0U);
  ASSERT_NE(last_value(), "0-99");
  tell_ends(two);
  ASSERT_TRUE(two.step_until([&] { return last_value() == "0-99"; }));
  EXPECT_THAT(world.events(kSlot, EventKind::copied_again), SizeIs(1));
}

TEST_F(ShardLate, ASuccessorGoesOnWithTheSecondCopy) {
  take_over_before_requests_land();
  {
    ProcessOnFakes two(world, 2);
    two.batch_max = 5;
    begin_compacted(two);
    ASSERT_TRUE(persists(two, 100));
    ASSERT_GT(world.target.land_late("east.orders"), 0U);
    tell_ends(two);
    ASSERT_TRUE(
        two.step_until([&] { return !world.events(kSlot, EventKind::copied_again).empty(); }));
    two.kill();
  }
  ASSERT_NE(last_value(), "0-99");
  ProcessOnFakes three(world, 3);
  begin_compacted(three);
  ASSERT_TRUE(three.step_until([&] { return last_value() == "0-99"; }));
  three.steps(200);
  EXPECT_EQ(last_value(), "0-99");
}

TEST_F(ShardLate, OnOtherTopicsTheEventIsAllThatIsLeftOfIt) {
  take_over_before_requests_land();
  ProcessOnFakes two(world, 2);
  begin(two);
  ASSERT_TRUE(persists(two, 100));
  const auto late = world.target.land_late("east.orders");
  world.fill(0, 1);
  ASSERT_TRUE(persists(two, 101));
  EXPECT_THAT(world.written(0), SizeIs(101 + late));
  EXPECT_THAT(world.events(kSlot, EventKind::copied_again), IsEmpty());
}

TEST_F(ShardLate, SomebodyWhoKeepsWritingIsNotAnsweredForEver) {
  take_over_before_requests_land();
  ProcessOnFakes two(world, 2);
  begin_compacted(two);
  ASSERT_TRUE(persists(two, 100));
  for (int i = 0; i < 10; ++i) {
    world.target.append(WorldOnFakes::copies(0), "k", "foreign");
    world.fill(0, 1);
    two.steps(500);
  }
  EXPECT_THAT(world.events(kSlot, EventKind::copied_again), SizeIs(3));
  EXPECT_EQ(last_value(), "0-109");
}

TEST(LateWindow, ReachesBackOneHourAtLeastAndTwoAtMost) {
  const auto at = [](int minutes) { return TimestampMs{std::int64_t{minutes} * 60'000}; };
  std::optional<LateWindow> window;
  const auto take_over = [&](int minutes, int position) {
    window = LateWindow::with(window, Offset{position}, at(minutes));
  };
  take_over(0, 100);
  take_over(50, 150);
  EXPECT_EQ(window->older, Offset{100});
  take_over(70, 170);  // the request of an owner that went at 50 may still come
  EXPECT_EQ(window->older, Offset{100});
  take_over(140, 240);
  EXPECT_EQ(window->older, Offset{170});
  take_over(10'000, 900);  // whoever owned it before went now: nothing older is under way
  EXPECT_EQ(window->older, Offset{900});
  EXPECT_TRUE(window->is_open(at(10'060)));
  EXPECT_FALSE(window->is_open(at(10'200)));
  take_over(10'070, 20);  // the position was set back
  EXPECT_LE(window->older, window->newer);
}

// What was written meanwhile may be its successor's: the metric and the log would count events that
// the event log rightly leaves out.
TEST_F(ShardLate, WhoStoodStillDoesNotJudgeTheTargetBeforeTheGroupHasSpoken) {
  const auto foreign_seen = [](ProcessOnFakes& one) {
    const auto& told = one.shard().snapshot().events_total;
    return told.contains(EventKind::tail_mismatch) ||
           told.contains(EventKind::unexpected_target_offset);
  };
  for (const bool is_lost : {true, false}) {
    WorldOnFakes fresh;
    fresh.fill(0, 10);
    ProcessOnFakes one(fresh);
    begin(one);
    const auto reaches = [&](std::int64_t next) {
      return one.step_until([&] {
        return fresh.entry(kSlot, 0) && fresh.entry(kSlot, 0)->position.next_source.value == next;
      });
    };
    ASSERT_TRUE(reaches(10));
    fresh.clock.advance(fresh.flow.session_timeout);
    fresh.target.append(WorldOnFakes::copies(0), "k", "of the successor");
    fresh.fill(0, 5);
    const auto woke_at = fresh.clock.steady();
    one.step();
    while (fresh.clock.steady() - woke_at < fresh.flow.session_timeout / 2) {
      one.step();
      fresh.clock.advance(std::chrono::milliseconds(50));
    }
    EXPECT_FALSE(foreign_seen(one));
    EXPECT_THAT(fresh.written(0), SizeIs(11));
    if (is_lost) {
      one.drop(kSlot, true);
      one.steps(20);
      EXPECT_FALSE(foreign_seen(one));
      begin(one);  // it is given the slot once more, and does not wait
      const auto given_at = fresh.clock.steady();
      ASSERT_TRUE(reaches(15));
      EXPECT_LT(fresh.clock.steady() - given_at, fresh.flow.session_timeout / 2);
    } else {
      ASSERT_TRUE(reaches(15));
    }
    EXPECT_TRUE(foreign_seen(one));  // by then it is the owner
  }
}

}  // namespace
}  // namespace longspan
