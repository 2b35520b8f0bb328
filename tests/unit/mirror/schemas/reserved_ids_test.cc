#include "mirror/schemas/reserved_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/mirror/schemas/schema_sync_fixture.h"

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using Kind = RegistryError::Kind;

// Does not answer when it is asked for ids.
class SilentAboutIds final : public WrappedRegistry {
 public:
  using WrappedRegistry::WrappedRegistry;

  RegistryResult<std::optional<std::int32_t>> max_id(std::int32_t known_id,
                                                     const Subject& seen_in) override {
    if (hides_highest) return kNoAnswer;
    return WrappedRegistry::max_id(known_id, seen_in);
  }
  RegistryResult<std::vector<SubjectVersion>> users(std::int32_t id,
                                                    const Subject& seen_in) override {
    if (hides_users) return kNoAnswer;
    return WrappedRegistry::users(id, seen_in);
  }

  bool hides_highest = false;
  bool hides_users = false;

 private:
  inline static const RegistryError kNoAnswer{Kind::unreachable, 0, 0, "dropped", "x"};
};

class ReservedIds : public SchemaSyncFixture {
 protected:
  // Id 1 is of a version, id 2 of none any more.
  void SetUp() override {
    add("a", avro_record("A", 1));
    add("gone", avro_record("G", 1));
    ask(source_, "DELETE", "/subjects/gone");
    ask(source_, "DELETE", "/subjects/gone?permanent=true");
  }
  static Inventory read(Registry& registry) {
    auto out = read_inventory({.registry = registry, .wants = [](const Subject&) { return true; }});
    EXPECT_TRUE(out) << out.error().text();
    return std::move(*out);
  }
  static Subject same(const Subject& subject) { return subject; }
};

TEST_F(ReservedIds, AreCountedOnTheTargetAgain) {
  const auto ids = ids_given_out(read(*source_client_), same);
  EXPECT_THAT(ids.highest, ElementsAre(Pair(".", 2)));
  EXPECT_THAT(ids.unknown, IsEmpty());
  const auto plan = plan_reservations(ids, read(*target_client_));
  EXPECT_THAT(plan.others, SizeIs(1));
  EXPECT_TRUE(sync_to(*target_client_, plan).is_whole());
  EXPECT_THAT(plan_reservations(ids, read(*target_client_)).differences, IsEmpty());
  add("c", avro_record("C", 1));
  EXPECT_THAT(ids_given_out(read(*source_client_), same).highest, ElementsAre(Pair(".", 3)));
}

TEST_F(ReservedIds, AnIdWhoseVersionIsNotThereIsReservedForAHandOver) {
  ask(source_, "DELETE", "/subjects/a");
  add("b", avro_record("B", 1));
  const auto ids = ids_given_out(read(*source_client_), same);
  const auto plan = plan_reservations(ids, read(*target_client_));
  ASSERT_THAT(plan.others, SizeIs(1));
  EXPECT_EQ(plan.others[0].what.id, 3);
}

TEST_F(ReservedIds, CannotBeReservedWhereNobodyMayWrite) {
  ask(target_, "PUT", "/mode", {{"mode", "READONLY"}});
  const auto ids = ids_given_out(read(*source_client_), same);
  const auto plan = plan_reservations(ids, read(*target_client_));
  EXPECT_THAT(plan.others, IsEmpty());
  ASSERT_THAT(plan.differences, SizeIs(1));
  EXPECT_FALSE(plan.differences[0].can_be_ended);
  EXPECT_THAT(plan.differences[0].reason, HasSubstr("its mode is READONLY"));
}

TEST_F(ReservedIds, WhatTheSourceDoesNotTellIsTold) {
  SilentAboutIds source(*source_client_);
  source.hides_highest = true;
  auto inventory = read(source);
  EXPECT_THAT(ids_given_out(inventory, same).unknown, ElementsAre(Pair(".", HasSubstr("dropped"))));
  const auto target = read(*target_client_);
  const auto told_of = [&] { return told(make_plan(inventory, target, {same})); };
  EXPECT_THAT(told_of(), ElementsAre("missing a", "ids_not_reserved longspan.reserved.ids"));
  source.hides_highest = false;
  source.hides_users = true;
  inventory = read(source);
  EXPECT_THAT(ids_given_out(inventory, same).unknown, IsEmpty()) << "how many is known";
  EXPECT_THAT(told_of(), ElementsAre("missing a", "ids_not_reserved longspan.reserved.ids"));
}

}  // namespace
}  // namespace longspan
