#include "cli/commands/schemas_handover.h"

#include <gtest/gtest.h>

#include "mirror/slot_hash.h"
#include "tests/unit/mirror/flow_on_fakes.h"

namespace longspan {
namespace {

constexpr std::int32_t kSlots = 4;

class SchemasHandover : public testing::Test {
 protected:
  SchemasHandover() { flow_.target.create_topic(kStateTopic, kSlots); }

  void write_command(CommandKind kind) {
    flow_.write(slot_, SchemasKey{},
                encode(Command{kind, flow_.clock.now(), "alice@host", "failover"}));
  }
  void write_event(std::int64_t number, EventKind kind) {
    Event event;
    event.number = number;
    event.kind = kind;
    flow_.write(slot_, key_of(event), encode(event));
  }
  FlowState state() {
    auto read = read_flow_state(flow_.reader(), kStateTopic);
    EXPECT_TRUE(read) << read.error().text();
    return std::move(*read);
  }

  FlowOnFakes flow_;
  const std::int32_t slot_ = slot_of_duty(kSchemasDuty, kSlots);
};

TEST_F(SchemasHandover, IsWhatTheLastCommandSays) {
  EXPECT_FALSE(handover_in(state()));
  write_command(CommandKind::hand_over_schemas);
  const auto handover = handover_in(state());
  ASSERT_TRUE(handover);
  EXPECT_EQ(*handover, (SchemaHandover{"alice@host", flow_.clock.now(), "failover"}));
  write_command(CommandKind::hand_back_schemas);
  EXPECT_FALSE(handover_in(state()));
}

TEST_F(SchemasHandover, IsObeyedOnceTheOwnerHasToldOfThisCommand) {
  write_event(7, EventKind::schemas_handed_over);
  EXPECT_FALSE(has_told(state(), EventKind::schemas_handed_over, 8));
  write_event(8, EventKind::schemas_handed_back);
  EXPECT_FALSE(has_told(state(), EventKind::schemas_handed_over, 8));
  write_event(9, EventKind::schemas_handed_over);
  EXPECT_TRUE(has_told(state(), EventKind::schemas_handed_over, 8));
}

TEST_F(SchemasHandover, WaitsForAnOwnerThatIsAliveOnly) {
  EXPECT_FALSE(schemas_owner(state(), flow_.clock.now()));
  flow_.write_owner(slot_, flow_.clock.now());
  EXPECT_EQ(schemas_owner(state(), flow_.clock.now()), "host:1");
  EXPECT_FALSE(schemas_owner(state(), TimestampMs{flow_.clock.now().value + 60'000}));
  flow_.write_owner(slot_, flow_.clock.now(), flow_.clock.now());
  EXPECT_FALSE(schemas_owner(state(), flow_.clock.now()));
}

}  // namespace
}  // namespace longspan
