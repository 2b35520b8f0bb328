// tests/unit/mirror/shard_schemas_test.cc - records whose schema the target's registry does not
// know hold their partition, and no other.
#include "tests/fakes/embedded_exchange.h"
#include "tests/fakes/embedded_requests.h"
#include "tests/fakes/framed.h"
#include "tests/unit/mirror/shard_fixture.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ShardSchemas : public ShardTest {
 protected:
  ShardSchemas() {
    world.gate = &gate_;
    world.flow.schema_gate_topics = *NamePatterns::make({".*"}, "schema.gate.topics");
    for (const auto* name : {"A", "B", "C"}) add(source_, name);  // the ids 1, 2, 3
    add(target_, "A");
  }

  void write(std::int32_t partition, const std::string& value) {
    world.source.append(WorldOnFakes::orders(partition), "k", value);
  }
  // The shard's turns and the gate's.
  [[nodiscard]] bool turns_until(ProcessOnFakes& one, const std::function<bool()>& condition,
                                 int at_most = 3000) {
    return one.step_until(
        [&] {
          gate_.turn({});
          return condition();
        },
        at_most);
  }
  [[nodiscard]] bool drains(ProcessOnFakes& one, std::int32_t partition) {
    return turns_until(one, [&] { return world.written(partition) == world.wanted(partition); });
  }
  void turns(ProcessOnFakes& one, int count) {
    for (int i = 0; i < count; ++i) {
      gate_.turn({});
      one.step();
    }
  }
  [[nodiscard]] std::vector<Event> unknown() {
    return world.events(kSlot, EventKind::schema_unknown);
  }

  embedded::EmbeddedRegistry source_;
  embedded::EmbeddedRegistry target_;
  SchemaGate gate_{client_of(source_), client_of(target_), {}, world.clock, {[] {}}};
};

TEST_F(ShardSchemas, KnownIdsGoOn) {
  write(0, framed(1, "x"));
  write(0, framed(1, "y"));
  ProcessOnFakes one(world);
  begin(one);
  EXPECT_TRUE(drains(one, 0));
  turns(one, 100);
  const auto topic = one.shard().snapshot().topics.at("orders");
  ASSERT_TRUE(topic.framing);
  EXPECT_THAT(topic.framing->ids, ElementsAre(1));
  EXPECT_TRUE(topic.framing->has_id_prefix);
}

TEST_F(ShardSchemas, AMissingSchemaHoldsItsPartitionAndNoOther) {
  write(0, framed(1, "x"));
  write(0, framed(2, "held"));
  write(0, framed(1, "behind it"));
  for (int i = 0; i < 20; ++i) write(1, framed(1, std::to_string(i)));
  ProcessOnFakes one(world);
  begin(one, 2);
  EXPECT_TRUE(drains(one, 1));
  EXPECT_EQ(world.written(0).size(), 1U);
  turns(one, 100);  // 2 s
  EXPECT_EQ(world.written(0).size(), 1U);
  EXPECT_EQ(one.snapshot(0)->state, PartitionState::active);
  EXPECT_THAT(one.snapshot(0)->reason, HasSubstr("schema id 2"));
  EXPECT_EQ(one.shard().snapshot().gate.waiting, 1);
  EXPECT_TRUE(persists(one, 1)) << "the position stands in front of it";
  add(target_, "B");
  EXPECT_TRUE(drains(one, 0));
  EXPECT_THAT(unknown(), IsEmpty());
  turns(one, 100);
  EXPECT_EQ(one.shard().snapshot().gate.waiting, 0);
  EXPECT_EQ(one.shard().snapshot().gate.holds_total, 2) << "for 1, which was asked for, and 2";
}

TEST_F(ShardSchemas, WhatWaitedLongEnoughGoesOnAndIsTold) {
  world.flow.schema_gate_timeout = seconds(5);
  write(0, framed(1, "x"));
  for (int i = 0; i < 10; ++i) write(0, framed(2, std::to_string(i)));
  write(0, framed(1, "y"));
  ProcessOnFakes one(world);
  begin(one);
  const auto begun = world.clock.steady();
  EXPECT_TRUE(drains(one, 0));
  EXPECT_GE(world.clock.steady() - begun, seconds(5));
  EXPECT_LT(world.clock.steady() - begun, seconds(8));
  turns(one, 200);
  ASSERT_THAT(unknown(), SizeIs(1));
  EXPECT_EQ(unknown()[0].from, Offset{1});
  EXPECT_EQ(unknown()[0].to, Offset{11});
  EXPECT_EQ(one.shard().snapshot().gate.unknown_total, 10);
  // Another one waits anew.
  write(0, framed(3, "z"));
  turns(one, 100);
  EXPECT_NE(world.written(0), world.wanted(0));
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardSchemas, WhereIncompatibleOnesAreHeldTheWaitHasNoBound) {
  world.flow.schema_gate_timeout = seconds(1);
  world.flow.schemas.on_incompatible = OnIncompatible::hold;
  write(0, framed(2, "x"));
  ProcessOnFakes one(world);
  begin(one);
  turns(one, 1000);
  EXPECT_THAT(world.written(0), IsEmpty());
  add(target_, "B");
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardSchemas, KeysWaitToo) {
  world.source.append(WorldOnFakes::orders(0), framed(2, "k"), framed(3, "v"));
  ProcessOnFakes one(world);
  begin(one);
  turns(one, 100);
  EXPECT_THAT(world.written(0), IsEmpty());
  add(target_, "B");
  turns(one, 100);
  EXPECT_THAT(world.written(0), IsEmpty());
  add(target_, "C");
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardSchemas, BothGoOnWhenNeitherComes) {
  world.flow.schema_gate_timeout = seconds(2);
  world.source.append(WorldOnFakes::orders(0), framed(2, "k"), framed(3, "v"));
  ProcessOnFakes one(world);
  begin(one);
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardSchemas, ALeadingZeroProvesNothing) {
  for (int i = 0; i < 500; ++i) write(0, framed(1'000'000 + i, "raw"));
  ProcessOnFakes one(world);
  begin(one);
  EXPECT_TRUE(turns_until(
      one, [&] { return world.written(0) == world.wanted(0); }, 500));
  EXPECT_THAT(unknown(), IsEmpty());
  EXPECT_LE(gate_.table()->size(), 2 * ShardGate::kForeignMax) << "nobody asks 500 times";
}

TEST_F(ShardSchemas, BinaryKeysBesideFramedValuesDoNot) {
  for (int i = 0; i < 500; ++i) {
    world.source.append(WorldOnFakes::orders(0), framed(1'000'000 + i, "raw"), framed(1, "v"));
  }
  ProcessOnFakes one(world);
  begin(one);
  EXPECT_TRUE(turns_until(
      one, [&] { return world.written(0) == world.wanted(0); }, 500));
  EXPECT_LE(one.shard().snapshot().gate.holds_total, 3 * ShardGate::kForeignMax);
}

TEST_F(ShardSchemas, WhatIsOfferedAgainIsCountedOnce) {
  world.flow.schema_gate_timeout = milliseconds(500);
  for (int i = 0; i < 50; ++i) write(0, framed(2, std::to_string(i)));
  ProcessOnFakes one(world);
  one.sink_records_max = 2;
  begin(one);
  EXPECT_TRUE(drains(one, 0));
  turns(one, 200);
  EXPECT_EQ(one.shard().snapshot().gate.unknown_total, 50);
}

TEST_F(ShardSchemas, AReloadMayCloseItForWhatIsOnItsWay) {
  const auto all = world.flow.schema_gate_topics;
  world.flow.schema_gate_topics = {};
  for (int i = 0; i < 50; ++i) write(0, framed(1, std::to_string(i)));
  ProcessOnFakes one(world);
  one.sink_records_max = 2;
  begin(one);
  ASSERT_TRUE(one.step_until([&] { return !world.written(0).empty(); }));
  LiveSettings settings = world.flow;
  settings.schema_gate_topics = all;
  one.tell(ChangeSettings{settings});
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardSchemas, WithoutRegistriesThatAnswerItWaitsForTheBoundOnly) {
  set_fault(target_, "unavailable=1");
  world.flow.schema_gate_timeout = seconds(3);
  write(0, framed(1, "x"));
  ProcessOnFakes one(world);
  begin(one);
  turns(one, 50);
  EXPECT_THAT(world.written(0), IsEmpty());
  EXPECT_TRUE(drains(one, 0));
  turns(one, 100);
  EXPECT_THAT(unknown(), SizeIs(1));
}

TEST_F(ShardSchemas, ASilentRegistryIsWaitedForOnceNotForEachId) {
  set_fault(target_, "unavailable=1");
  world.flow.schema_gate_timeout = seconds(5);
  for (int i = 0; i < 20; ++i) write(0, framed(100 + i, std::to_string(i)));
  ProcessOnFakes one(world);
  begin(one);
  const auto begun = world.clock.steady();
  EXPECT_TRUE(drains(one, 0));
  EXPECT_GE(world.clock.steady() - begun, seconds(5));
  EXPECT_LT(world.clock.steady() - begun, seconds(10));
  turns(one, 100);
  EXPECT_EQ(one.shard().snapshot().gate.unknown_total, 20);
}

TEST_F(ShardSchemas, TheHeaderCountsBeforeThePrefix) {
  const auto header = framed(2, "").substr(0, 5);
  world.source.append(WorldOnFakes::orders(0),
                      OwnedRecord{"k", framed(1, "x"), {}, {{"__value_schema_id", header}}});
  ProcessOnFakes one(world);
  begin(one);
  turns(one, 100);
  EXPECT_THAT(world.written(0), IsEmpty());
  add(target_, "B");
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardSchemas, AGuidHoldsItsPartitionAsAnIdDoes) {
  write(0, guid_framed(guid_in(source_, "A"), "x"));
  write(0, guid_framed(guid_in(source_, "B"), "held"));
  write(0, guid_framed(guid_in(source_, "A"), "behind it"));
  ProcessOnFakes one(world);
  begin(one);
  turns(one, 100);
  EXPECT_EQ(world.written(0).size(), 1U);
  EXPECT_THAT(one.snapshot(0)->reason, HasSubstr("waits for schema GUID "));
  add(target_, "B");
  EXPECT_TRUE(drains(one, 0));
  EXPECT_THAT(unknown(), IsEmpty());
  turns(one, 100);
  const auto topic = one.shard().snapshot().topics.at("orders");
  EXPECT_TRUE(topic.framing->has_guid_prefix);
  EXPECT_FALSE(topic.framing->has_id_prefix);
}

TEST_F(ShardSchemas, AGuidInTheHeaderHoldsToo) {
  const auto header = guid_framed(guid_in(source_, "B"), "");
  world.source.append(WorldOnFakes::orders(0),
                      OwnedRecord{"k", "no prefix", {}, {{"__value_schema_id", header}}});
  ProcessOnFakes one(world);
  begin(one);
  turns(one, 100);
  EXPECT_THAT(world.written(0), IsEmpty());
  add(target_, "B");
  EXPECT_TRUE(drains(one, 0));
  turns(one, 100);
  const auto topic = one.shard().snapshot().topics.at("orders");
  EXPECT_TRUE(topic.framing->has_header);
  EXPECT_FALSE(topic.framing->has_guid_prefix);
}

TEST_F(ShardSchemas, AGuidThatNeverComesGoesOnAndIsTold) {
  world.flow.schema_gate_timeout = seconds(2);
  write(0, guid_framed(guid_in(source_, "B"), "x"));
  ProcessOnFakes one(world);
  begin(one);
  EXPECT_TRUE(drains(one, 0));
  turns(one, 200);
  EXPECT_THAT(unknown(), SizeIs(1));
}

TEST_F(ShardSchemas, WhereTheTargetHasNoGuidsNothingWaitsForOne) {
  set_fault(target_, "no_guids");
  for (int i = 0; i < 300; ++i) {
    SchemaGuid guid;
    guid.bytes = {static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8), 7};
    write(0, guid_framed(guid, "x"));
  }
  ProcessOnFakes one(world);
  begin(one);
  EXPECT_TRUE(drains(one, 0));
  turns(one, 100);
  EXPECT_EQ(one.shard().snapshot().gate.holds_total, 1) << "until the registry had answered";
  EXPECT_THAT(unknown(), IsEmpty());
  EXPECT_TRUE(one.shard().snapshot().topics.at("orders").framing->has_guid_prefix);
  // A newer one in its place: what went by was not asked for.
  set_fault(target_, "no_guids=0");
  write(0, guid_framed(guid_in(source_, "B"), "before"));
  EXPECT_TRUE(drains(one, 0));
  world.clock.advance(SchemaGate::kForeignFor);
  turns(one, 10);
  write(0, guid_framed(guid_in(source_, "B"), "after"));
  turns(one, 100);
  EXPECT_NE(world.written(0), world.wanted(0));
  add(target_, "B");
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardSchemas, ALeadingOneProvesNothing) {
  for (int i = 0; i < 500; ++i) {
    write(0, "\x01" + std::to_string(1'000'000 + i) + " and more than sixteen bytes");
  }
  ProcessOnFakes one(world);
  begin(one);
  EXPECT_TRUE(turns_until(
      one, [&] { return world.written(0) == world.wanted(0); }, 500));
  EXPECT_THAT(unknown(), IsEmpty());
  EXPECT_LE(gate_.table()->size(), 2 * ShardGate::kForeignMax);
}

TEST_F(ShardSchemas, TopicsThatAreNotGatedDoNotWait) {
  world.flow.schema_gate_topics = *NamePatterns::make({"other"}, "schema.gate.topics");
  write(0, framed(2, "x"));
  ProcessOnFakes one(world);
  begin(one);
  EXPECT_TRUE(one.step_until([&] { return world.written(0) == world.wanted(0); }, 100));
}

TEST_F(ShardSchemas, AReloadOpensTheGate) {
  write(0, framed(2, "x"));
  ProcessOnFakes one(world);
  begin(one);
  turns(one, 100);
  EXPECT_THAT(world.written(0), IsEmpty());
  LiveSettings settings = world.flow;
  settings.schema_gate_topics = {};
  one.tell(ChangeSettings{settings});
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardSchemas, AnOperatorMayStepOverIt) {
  write(0, framed(2, "x"));
  write(0, framed(1, "y"));
  ProcessOnFakes one(world);
  begin(one);
  turns(one, 100);
  Remedy remedy;
  remedy.kind = RemedyKind::set_position;
  remedy.next_source = Offset{1};
  one.remedy(kSlot, 0, remedy);
  EXPECT_TRUE(turns_until(one, [&] { return world.written(0).size() == 1; }));
  EXPECT_EQ(world.written(0)[0], framed(1, "y"));
}

TEST_F(ShardSchemas, UnderExactlyOnceToo) {
  world.flow.delivery = Delivery::exactly_once;
  write(0, framed(1, "x"));
  write(0, framed(2, "y"));
  ProcessOnFakes one(world);
  begin(one);
  turns(one, 300);
  EXPECT_EQ(world.written(0).size(), 1U);
  add(target_, "B");
  EXPECT_TRUE(drains(one, 0));
}

TEST_F(ShardSchemas, ProcessesThatDieWhileItWaitsLoseNothing) {
  for (int i = 0; i < 30; ++i) write(0, framed(i % 10 == 9 ? 2 : 1, std::to_string(i)));
  for (std::uint64_t life = 1; life < 5; ++life) {
    ProcessOnFakes one(world, life);
    begin(one);
    turns(one, 40 * static_cast<int>(life));
    one.kill();
    world.target.land_late();
    world.clock.advance(seconds(30));
  }
  add(target_, "B");
  ProcessOnFakes last(world, 9);
  begin(last);
  const auto wanted = world.wanted(0);
  EXPECT_TRUE(turns_until(last,
                          [&] {
                            const auto written = world.written(0);
                            return std::set(written.begin(), written.end()).size() == wanted.size();
                          }))
      << world.written(0).size() << " of " << wanted.size() << ": " << last.snapshot(0)->reason
      << " at " << last.snapshot(0)->next_source.value;
}

}  // namespace
}  // namespace longspan
