#include "mirror/state/flow_state.h"

#include <gtest/gtest.h>

#include "mirror/slot_hash.h"
#include "mirror/state/command_writer.h"
#include "tests/fakes/fake_sink.h"
#include "tests/fakes/seed.h"
#include "tests/unit/mirror/flow_on_fakes.h"

namespace longspan {
namespace {

const TopicPartition kOrders{"orders", 0};

Position at(std::int64_t next) {
  Position position;
  position.next_source = Offset{next};
  position.next_target = Offset{next};
  return position;
}

const PartitionEntry& entry_of(const SlotState& slot, const TopicPartition& partition) {
  return slot.partitions().at({partition, kNoTopicId});
}

class FlowStateTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  FlowOnFakes flow{GetParam()};
};

TEST_P(FlowStateTest, FoldsEverySlotToItsEnd) {
  flow.target.create_topic(kStateTopic, 3);
  for (int i = 0; i < 2500; ++i) flow.write_position(1, kOrders, at(i));
  flow.write_owner(2, flow.clock.now());
  flow.target.append_gap({kStateTopic, 2}, 2);
  Records last;
  const auto state = read_flow_state(flow.reader(), kStateTopic, [&](Records done, Records total) {
    EXPECT_GT(done, last);
    EXPECT_EQ(total, Records{2503});
    last = done;
  });
  ASSERT_TRUE(state);
  EXPECT_EQ(last, Records{2503});
  EXPECT_EQ(state->slots.size(), 3u);
  EXPECT_EQ(entry_of(state->slots[1], kOrders).position.next_source, Offset{2499});
  EXPECT_TRUE(state->slots[2].owner().has_value());
  EXPECT_EQ(flow.target_reader.started(), 0u);
}

TEST_P(FlowStateTest, ReadsOnlyWhatIsNew) {
  flow.target.create_topic(kStateTopic, 2);
  flow.write_position(0, kOrders, at(5));
  auto state = read_flow_state(flow.reader(), kStateTopic);
  ASSERT_TRUE(state);
  flow.target.set_log_start({kStateTopic, 0}, Offset{1});  // the old one cannot be read again
  flow.write_position(1, {"users", 0}, at(7));
  ASSERT_TRUE(read_new_flow_state(flow.reader(), *state));
  EXPECT_EQ(entry_of(state->slots[0], kOrders).position.next_source, Offset{5});
  EXPECT_EQ(entry_of(state->slots[1], {"users", 0}).position.next_source, Offset{7});
}

TEST_P(FlowStateTest, StartsAgainWhenTheTopicWasCreatedAnew) {
  flow.target.create_topic(kStateTopic, 2);
  flow.write_position(0, kOrders, at(5));
  auto state = read_flow_state(flow.reader(), kStateTopic);
  flow.target.delete_topic(kStateTopic);
  flow.target.create_topic(kStateTopic, 2);
  flow.write_position(1, kOrders, at(1));
  ASSERT_TRUE(read_new_flow_state(flow.reader(), *state));
  EXPECT_TRUE(state->slots[0].partitions().empty());
  EXPECT_EQ(entry_of(state->slots[1], kOrders).position.next_source, Offset{1});
}

TEST_P(FlowStateTest, MissingTopicSaysThatTheFlowNeverRan) {
  const auto state = read_flow_state(flow.reader(), kStateTopic);
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().next, Next::stop_process);
  EXPECT_NE(state.error().what.find("never run"), std::string::npos);
  EXPECT_NE(state.error().what.find("longspan run"), std::string::npos);
}

TEST_P(FlowStateTest, RubbishIsAnErrorAndReadingStops) {
  flow.target.create_topic(kStateTopic, 1);
  flow.write(0, PositionKey{kOrders, kNoTopicId, 1}, "rubbish");
  EXPECT_FALSE(read_flow_state(flow.reader(), kStateTopic));
  EXPECT_EQ(flow.target_reader.started(), 0u);
}

TEST_P(FlowStateTest, SilenceEndsAfterABoundedTime) {
  flow.target.create_topic(kStateTopic, 1);
  flow.write_position(0, kOrders, at(1));
  flow.target_reader.silent_when_caught_up = true;
  flow.target.append_gap({kStateTopic, 0});  // an end that nobody reports
  const auto before = flow.clock.steady();
  const auto state = read_flow_state(flow.reader(), kStateTopic);
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().next, Next::retry);
  EXPECT_LT(flow.clock.steady() - before, 2 * kStateSilence);
}

class CommandWriterTest : public FlowStateTest {
 protected:
  Result<void> pause(const CommandKey& key) {
    FakeSink sink(flow.target, GetParam());
    if (prepare) prepare(sink);
    const Command command{CommandKind::pause, flow.clock.now(), "alice@host", "backfill"};
    return write_command({sink, flow.wakeup, flow.clock}, kStateTopic, {key, command}, 4);
  }
  std::size_t slots_paused(const TopicPartition& partition) {
    const auto state = read_flow_state(flow.reader(), kStateTopic).value();
    return static_cast<std::size_t>(
        std::count_if(state.slots.begin(), state.slots.end(),
                      [&](const SlotState& slot) { return slot.is_paused(partition); }));
  }
  void SetUp() override { flow.target.create_topic(kStateTopic, 4); }
  std::function<void(FakeSink&)> prepare;
};

TEST_P(CommandWriterTest, FlowAndTopicScopesReachEverySlot) {
  ASSERT_TRUE(pause({"orders", std::nullopt}));
  EXPECT_EQ(slots_paused(kOrders), 4u);
  EXPECT_EQ(slots_paused({"users", 0}), 0u);
  ASSERT_TRUE(pause({}));
  EXPECT_EQ(slots_paused({"users", 0}), 4u);
}

TEST_P(CommandWriterTest, PartitionScopeReachesItsSlotAlone) {
  ASSERT_TRUE(pause({"orders", 0}));
  EXPECT_EQ(slots_paused(kOrders), 1u);
  const auto state = read_flow_state(flow.reader(), kStateTopic).value();
  EXPECT_TRUE(state.slots[static_cast<std::size_t>(slot_of(kOrders, 4))].is_paused(kOrders));
}

TEST_P(CommandWriterTest, SaysWhatTheTargetSaid) {
  prepare = [](FakeSink& sink) {
    sink.fail_always({kStateTopic, 2},
                     Error{Next::park_partition, kafka_code::kNotAuthorised, "not authorised", ""});
  };
  const auto written = pause({});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kafka_code, kafka_code::kNotAuthorised);
}

TEST_P(CommandWriterTest, GivesUpAfterABoundedTime) {
  prepare = [](FakeSink& sink) { sink.hold_acks = true; };
  const auto written = pause({});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().next, Next::retry);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FlowStateTest, testing::ValuesIn(test_seeds(5)));
INSTANTIATE_TEST_SUITE_P(Seeds, CommandWriterTest, testing::ValuesIn(test_seeds(5)));

}  // namespace
}  // namespace longspan
