// A record that the target refuses is left out by policy; what is around it arrives in order, once.
#include <algorithm>
#include <set>

#include "tests/unit/mirror/shard_fixture.h"

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ShardRefused : public ShardTest {
 protected:
  ShardRefused() {
    world.target.topic("east.orders").configs["max.message.bytes"] = "100";
    world.flow.on_refused = OnRefused::dead_letter;
  }
  void large(int partition = 0) {
    world.source.append(WorldOnFakes::orders(partition), "k", std::string(200, 'x'));
  }
  // All but the large ones.
  std::vector<std::string> small_of(int partition) {
    auto all = world.wanted(partition);
    std::erase_if(all, [](const std::string& value) { return value.size() > 100; });
    return all;
  }
  [[nodiscard]] bool arrives(ProcessOnFakes& one, int partition = 0) {
    return one.step_until([&] { return world.written(partition) == small_of(partition); }, 20'000);
  }
  std::vector<std::int64_t> offsets_in_letters() {
    std::vector<std::int64_t> out;
    for (const auto& letter : world.letters()) out.push_back(letter.offset.value);
    return out;
  }
};

TEST_F(ShardRefused, GoesIntoTheDeadLetterTopicAndTheOthersOn) {
  ProcessOnFakes one(world);
  world.fill(0, 20);
  large();
  world.fill(0, 20);
  world.fill(1, 50);
  begin(one, 2);
  ASSERT_TRUE(arrives(one));
  ASSERT_TRUE(drains(one, 1));
  ASSERT_TRUE(persists(one, 41));
  const auto letters = world.letters();
  ASSERT_THAT(letters, SizeIs(1));
  EXPECT_EQ(letters[0].source, WorldOnFakes::orders(0));
  EXPECT_EQ(letters[0].offset, Offset{20});
  EXPECT_EQ(letters[0].target_topic, "east.orders");
  EXPECT_EQ(letters[0].record.value, std::string(200, 'x'));
  EXPECT_THAT(letters[0].error_class, HasSubstr("RecordTooLarge"));
  const auto events = world.events(kSlot, EventKind::record_dead_lettered);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].from, Offset{20});
  EXPECT_EQ(events[0].to, Offset{21});
  // The map has a hole, and what is behind it is found.
  const auto map = map_of(*world.entry(kSlot, 0));
  EXPECT_EQ(map.to_target(Offset{19}).offset, Offset{19});
  EXPECT_EQ(map.to_target(Offset{20}).offset, Offset{20});
  EXPECT_EQ(map.to_target(Offset{21}).offset, Offset{20});
}

// What was sent with it is mirrored, and the reason says which one it is and what can be done.
TEST_F(ShardRefused, StopsAtTheVeryRecordAndNamesTheWaysOut) {
  world.flow.on_refused = OnRefused::stop;
  for (const auto delivery : {Delivery::at_least_once, Delivery::exactly_once}) {
    WorldOnFakes fresh;
    fresh.flow = world.flow;
    fresh.flow.delivery = delivery;
    fresh.target.topic("east.orders").configs["max.message.bytes"] = "100";
    ProcessOnFakes one(fresh);
    fresh.fill(0, 20);
    fresh.source.append(WorldOnFakes::orders(0), "k", std::string(200, 'x'));
    fresh.fill(0, 20);
    begin(one);
    const auto reason = [&] {
      const auto seen = one.snapshot(0);
      return seen && seen->state == PartitionState::parked ? seen->reason : "";
    };
    ASSERT_TRUE(one.step_until([&] { return !reason().empty(); }, 20'000));
    EXPECT_THAT(reason(), HasSubstr("source record at offset 20 "));
    EXPECT_THAT(reason(), HasSubstr("max.message.bytes of the target topic east.orders"));
    EXPECT_THAT(reason(), HasSubstr("on.record.refused = dlq, or skip"));
    EXPECT_THAT(reason(), HasSubstr("longspan offsets set FILE --partition orders:0 --source 21"));
    if (delivery == Delivery::at_least_once) {
      EXPECT_THAT(fresh.written(0), SizeIs(20));
    }
  }
}

TEST_F(ShardRefused, IsSkippedWhereThePolicySaysSo) {
  world.flow.on_refused = OnRefused::skip;
  ProcessOnFakes one(world);
  large();
  world.fill(0, 5);
  large();
  begin(one);
  ASSERT_TRUE(persists(one, 7));
  EXPECT_EQ(world.written(0), small_of(0));
  EXPECT_THAT(world.letters(), IsEmpty());
  EXPECT_THAT(world.events(kSlot, EventKind::record_skipped), SizeIs(2));
}

TEST_F(ShardRefused, StopsThePartitionByDefault) {
  world.flow.on_refused = OnRefused::stop;
  ProcessOnFakes one(world);
  world.fill(0, 5);
  large();
  world.fill(0, 5);
  begin(one);
  ASSERT_TRUE(one.step_until([&] {
    const auto seen = one.snapshot(0);
    return seen && seen->state == PartitionState::parked;
  }));
  EXPECT_THAT(one.snapshot(0)->reason, HasSubstr("larger than the topic allows"));
  EXPECT_LE(world.written(0).size(), 5u);
}

TEST_F(ShardRefused, ManyInARowCostNoSinkEach) {
  ProcessOnFakes one(world);
  world.fill(0, 5);
  for (int i = 0; i < 50; ++i) {
    large();
    world.fill(0, i % 3);
  }
  world.fill(0, static_cast<int>(ShardLimits{}.one_by_one.count) + 50);
  begin(one);
  const auto count = small_of(0).size();
  const auto& copies = world.target.at(WorldOnFakes::copies(0)).records;
  ASSERT_TRUE(one.step_until([&] { return copies.size() == count; }, 100'000));
  EXPECT_EQ(world.written(0), small_of(0));
  EXPECT_THAT(world.letters(), SizeIs(50));
  EXPECT_LE(one.sinks_made, 2);
}

TEST_F(ShardRefused, ACrashAnywhereLeavesNothingTwiceOnTheTarget) {
  for (int steps = 1; steps < 120; ++steps) {
    WorldOnFakes fresh;
    fresh.flow.on_refused = OnRefused::dead_letter;
    fresh.target.topic("east.orders").configs["max.message.bytes"] = "100";
    fresh.fill(0, 4);
    fresh.source.append(WorldOnFakes::orders(0), "k", std::string(200, 'x'));
    fresh.fill(0, 4);
    fresh.source.append(WorldOnFakes::orders(0), "k", std::string(200, 'y'));
    fresh.fill(0, 4);
    auto wanted = fresh.wanted(0);
    std::erase_if(wanted, [](const std::string& value) { return value.size() > 100; });
    ProcessOnFakes one(fresh, static_cast<std::uint64_t>(steps));
    begin(one);
    one.steps(steps);
    one.kill();
    fresh.target.land_late();
    ProcessOnFakes two(fresh, 1000);
    begin(two);
    ASSERT_TRUE(two.step_until([&] { return fresh.written(0) == wanted; }))
        << steps << ": " << testing::PrintToString(fresh.written(0));
    ASSERT_TRUE(two.step_until([&] {
      const auto entry = fresh.entry(kSlot, 0);
      return entry && entry->position.next_source == Offset{14};
    }));
    EXPECT_THAT(fresh.events(kSlot, EventKind::tail_mismatch), IsEmpty()) << steps;
    // A letter may be there twice; none is missing.
    std::set<std::int64_t> offsets;
    for (const auto& letter : fresh.letters()) offsets.insert(letter.offset.value);
    EXPECT_THAT(offsets, ElementsAre(4, 9)) << steps;
  }
}

TEST_F(ShardRefused, WhereTheDeadLetterTopicRefusesItToo) {
  world.target.topic(world.flow.dead_letter_topic()).configs["max.message.bytes"] = "100";
  ProcessOnFakes one(world);
  world.fill(0, 5);
  large();
  world.fill(0, 5);
  world.fill(1, 50);
  begin(one, 2);
  ASSERT_TRUE(one.step_until([&] {
    const auto seen = one.snapshot(0);
    return seen && seen->state == PartitionState::parked;
  }));
  EXPECT_THAT(one.snapshot(0)->reason, HasSubstr("does not take the record either"));
  ASSERT_TRUE(drains(one, 1));
  EXPECT_THAT(world.written(0), SizeIs(5));
  world.target.topic(world.flow.dead_letter_topic()).configs.clear();
  ASSERT_TRUE(arrives(one));
  EXPECT_THAT(offsets_in_letters(), ElementsAre(5));
}

TEST_F(ShardRefused, WithoutAKeyOnACompactedTopic) {
  world.target.topic("east.orders").configs = {{"cleanup.policy", "compact"}};
  ProcessOnFakes one(world);
  TopicSettings settings;
  settings.compacted_targets = {"east.orders"};
  one.tell(settings);
  world.fill(0, 5);
  world.source.append(WorldOnFakes::orders(0), {std::nullopt, "no key", {1}, {}});
  world.fill(0, 5);
  begin(one);
  ASSERT_TRUE(persists(one, 11));
  EXPECT_THAT(world.written(0), SizeIs(10));
  ASSERT_THAT(world.letters(), SizeIs(1));
  EXPECT_THAT(world.letters()[0].error_class, HasSubstr("InvalidRecordException"));
  EXPECT_EQ(one.sinks_made, 1);  // nobody was asked
}

TEST_F(ShardRefused, InExactlyOnceTheLetterIsInTheTransaction) {
  world.flow.delivery = Delivery::exactly_once;
  ProcessOnFakes one(world);
  world.fill(0, 10);
  large();
  world.fill(0, 10);
  large();
  world.fill(1, 10);
  begin(one, 2);
  ASSERT_TRUE(one.step_until(
      [&] {
        return position(kSlot, 0) == 22 && world.written(0) == small_of(0) &&
               world.written(1) == small_of(1);
      },
      20'000));
  EXPECT_THAT(offsets_in_letters(), ElementsAre(10, 21));
  EXPECT_THAT(world.events(kSlot, EventKind::record_dead_lettered), SizeIs(2));
}

}  // namespace
}  // namespace longspan
