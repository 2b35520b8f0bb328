// A sync between two embedded registries: inventory, plan, import and reading back, over the REST
// API's own words.
#include "mirror/schemas/sync.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/mirror/schemas/schema_sync_fixture.h"

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using SchemaSync = SchemaSyncFixture;

TEST_F(SchemaSync, CarriesVersionsReferencesDeletionsAndConfigs) {
  add("common", avro_record("Common", 1));
  for (int i = 0; i < 40; ++i) {
    const std::string subject = "topic" + std::to_string(i) + "-value";
    for (int v = 1; v <= 3; ++v) {
      add(subject, avro_record("R" + std::to_string(i), v),
          Json::array({{{"name", "Common"}, {"subject", "common"}, {"version", 1}}}));
    }
    if (i % 3 == 0) ask(source_, "DELETE", "/subjects/" + subject + "/versions/2");
  }
  ask(source_, "PUT", "/config/topic1-value", {{"compatibility", "FULL"}});
  const auto outcome = sync();
  EXPECT_TRUE(outcome.is_whole()) << text(outcome);
  EXPECT_EQ(done(outcome, StepKind::import_version), 121U);
  EXPECT_EQ(done(outcome, StepKind::soft_delete), 14U);
  expect_equal();
  EXPECT_EQ(ask(source_, "GET", "/subjects/topic1-value/versions/3"),
            ask(target_, "GET", "/subjects/topic1-value/versions/3"));
  EXPECT_THAT(ask(target_, "GET", "/config/topic1-value"), HasSubstr("FULL"));
}

TEST_F(SchemaSync, KeepsContextsApart) {
  add("a", avro_record("A", 1));
  add(":.dr:a", avro_record("B", 1));  // id 1 in either context
  EXPECT_TRUE(sync().is_whole());
  expect_equal();
  EXPECT_THAT(ask(target_, "GET", "/schemas/ids/1?subject=:.dr:a"), HasSubstr("\\\"B\\\""));
  EXPECT_THAT(ask(target_, "GET", "/schemas/ids/1"), HasSubstr("\\\"A\\\""));
}

// There it would be a subject with an odd name, among ids that mean something else.
TEST_F(SchemaSync, WhatIsOfAContextThatTheTargetCannotHaveIsItsOwnFailure) {
  set_fault(target_, "no_contexts");
  add("a", avro_record("A", 1));
  add(":.dr:b", avro_record("B", 1));  // id 1 in either context
  add(":.dr:c", avro_record("C", 1));  // id 2, which the default context gives to the next
  add("d", avro_record("D", 1),
      Json::array({{{"name", "C"}, {"subject", ":.dr:c"}, {"version", 1}}}));
  add(":.dr:gone", avro_record("G", 1));
  ask(source_, "DELETE", "/subjects/:.dr:gone");
  ask(source_, "DELETE", "/subjects/:.dr:gone?permanent=true");
  add("e", avro_record("E", 1));
  EXPECT_TRUE(sync().is_whole());
  EXPECT_EQ(ask(target_, "GET", "/subjects?deleted=true"), R"(["a","e"])");
  const auto left = plan();
  EXPECT_THAT(left.imports, IsEmpty());
  EXPECT_THAT(left.others, IsEmpty()) << "no id of .dr is reserved";
  ASSERT_THAT(told(left),
              ElementsAre("no_context :.dr:b", "no_context :.dr:c", "reference_differs d"));
  EXPECT_EQ(left.differences[0].reason,
            "it is to be in context .dr, and the target's registry has no contexts: mirror to one "
            "that has, or leave the context out (schema.contexts)");
  EXPECT_EQ(left.differences[2].reason,
            "it refers to :.dr:c version 1, whose context cannot be had here");
}

TEST_F(SchemaSync, WhereThereAreNoContextsAnIdIsTakenWhateverItsSubjectIsCalled) {
  set_fault(target_, "no_contexts");
  ask(target_, "PUT", "/mode/:.dr:b?force=true", {{"mode", "IMPORT"}});
  ask(target_, "POST", "/subjects/:.dr:b/versions",
      {{"schema", avro_record("B", 1)}, {"id", 1}, {"version", 1}});
  add("a", avro_record("A", 1));
  const auto planned = plan();
  EXPECT_THAT(told(planned), ElementsAre("id_taken a"));
  EXPECT_THAT(planned.imports, IsEmpty());
}

TEST_F(SchemaSync, ReservesIdsThatTheSourceHasForgotten) {
  add("a", avro_record("A", 1));
  add("gone", avro_record("G", 1));
  ask(source_, "DELETE", "/subjects/gone");
  ask(source_, "DELETE", "/subjects/gone?permanent=true");
  EXPECT_TRUE(sync().is_whole());
  expect_equal();
  ask(target_, "PUT", "/mode/a?force=true", {{"mode", "READWRITE"}});
  EXPECT_THAT(ask(target_, "POST", "/subjects/other/versions", {{"schema", avro_record("O", 1)}}),
              HasSubstr("\"id\":3"));
}

// A registry merges settings into those that are there.
TEST_F(SchemaSync, SettingsThatTheSourceTookBackAreTakenBack) {
  add("a", avro_record("A", 1));
  ask(source_, "PUT", "/config/a", {{"compatibility", "FULL"}, {"normalize", true}});
  ASSERT_TRUE(sync().is_whole());
  ask(source_, "DELETE", "/config/a");
  ask(source_, "PUT", "/config/a", {{"compatibility", "FULL"}});
  const auto outcome = sync();
  EXPECT_TRUE(outcome.is_whole()) << text(outcome);
  EXPECT_THAT(ask(target_, "GET", "/config/a"), testing::Not(HasSubstr("normalize")));
  expect_equal();
  add("a", avro_record("A", 2));
  ask(source_, "PUT", "/config/a", {{"alias", "b"}});
  ASSERT_TRUE(sync().is_whole());
  ask(source_, "PUT", "/config/a", {{"alias", nullptr}});
  add("a", avro_record("A", 3));
  ASSERT_TRUE(sync().is_whole()) << "before what is checked by it";
  expect_equal();
}

TEST_F(SchemaSync, GoesOnAfterEveryLostAnswer) {
  add_subjects(30);
  set_fault(target_, "drop_after_commit=20");
  const auto outcome = sync();
  EXPECT_TRUE(outcome.is_whole()) << text(outcome);
  expect_equal();
}

struct Unfit {
  const char* fault;
  const char* reason;
};

TEST_F(SchemaSync, RefusesRegistriesThatDoNotKeepIdsBeforeAnythingIsWritten) {
  add("filler", avro_record("F", 1));
  add("a", avro_record("A", 1));
  for (const auto& [fault, reason] :
       {Unfit{"no_import", "does not keep the ids"}, Unfit{"other_id", "does not keep the ids"}}) {
    SCOPED_TRACE(fault);
    set_fault(target_, fault);
    const auto outcome = sync();
    ASSERT_TRUE(outcome.refused);
    EXPECT_THAT(*outcome.refused, HasSubstr(reason));
    EXPECT_EQ(done(outcome, StepKind::import_version), 0U);
    EXPECT_EQ(ask(target_, "GET", "/subjects"), "[]");
    ask(target_, "DELETE", "/longspan/faults");
  }
}

TEST_F(SchemaSync, TellsAVersionThatTheTargetRefusesAndCarriesTheRest) {
  add("a", avro_record("A", 1));
  add("b", avro_record("B", 1));
  const auto planned = plan();
  // Somebody takes id 1 for another schema, after the plan.
  ask(target_, "PUT", "/mode/foreign?force=true", {{"mode", "IMPORT"}});
  ask(target_, "POST", "/subjects/foreign/versions",
      {{"schema", avro_record("F", 1)}, {"id", 2}, {"version", 1}});
  const auto outcome = sync_to(*target_client_, planned);
  EXPECT_FALSE(outcome.refused);
  ASSERT_EQ(outcome.failures.size(), 1U) << text(outcome);
  EXPECT_EQ(outcome.failures[0].subject.name, "b");
  EXPECT_THAT(outcome.failures[0].reason, HasSubstr("42205"));
  EXPECT_EQ(done(outcome, StepKind::import_version), 1U);
}

TEST_F(SchemaSync, StopsWhereTheRegistryGoesAwayAndFinishesLater) {
  add_subjects(50);
  const auto planned = plan();
  std::stop_source stop;
  const auto outcome = run_sync({.target = *target_client_,
                                 .stop = stop.get_token(),
                                 .on_progress =
                                     [&](std::size_t done, std::size_t) {
                                       if (done == 20) stop.request_stop();
                                     }},
                                planned);
  EXPECT_TRUE(outcome.lost);
  EXPECT_LT(done(outcome, StepKind::import_version), 50U);
  EXPECT_TRUE(sync().is_whole());
  expect_equal();
}

}  // namespace
}  // namespace longspan
