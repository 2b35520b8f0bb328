#include "mirror/schemas/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/mirror/schemas/registry_content.h"

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SchemaPlan, IsEmptyWhereBothHoldTheSame) {
  const auto content = Content().has("a-value", 1, 7, schema("a")).mode("a-value", "IMPORT");
  const auto plan = plan_of(content, content);
  EXPECT_THAT(told(plan), IsEmpty());
  EXPECT_THAT(plan.imports, IsEmpty());
  EXPECT_THAT(plan.others, IsEmpty());
}

TEST(SchemaPlan, ImportsAVersionBehindItsModeAndTheOneBefore) {
  const auto plan =
      plan_of(Content().has("a", 1, 7, schema("a")).has("a", 3, 9, schema("b")), Content());
  EXPECT_THAT(told(plan), ElementsAre("missing a 1 7", "missing a 3 9"));
  EXPECT_THAT(before(plan, "import a 1 7"), ElementsAre("mode a 0 0"));
  EXPECT_THAT(before(plan, "import a 3 9"), ElementsAre("mode a 0 0", "import a 1 7"));
}

TEST(SchemaPlan, ImportsWhatIsReferredToFirst) {
  const auto plan = plan_of(
      Content().has("a", 1, 8, schema("a", {{"c", "common", 1}})).has("common", 1, 7, schema("c")),
      Content());
  EXPECT_THAT(before(plan, "import a 1 8"), ElementsAre("mode a 0 0", "import common 1 7"));
}

TEST(SchemaPlan, RenamesSubjectsAndReferencesToThem) {
  const auto plan = plan_of(Content()
                                .has("a", 1, 8, schema("a", {{"b", "b", 1}, {"c", "common", 1}}))
                                .has("b", 1, 6, schema("b"))
                                .has("common", 1, 7, schema("c")),
                            Content(), {prefixed});
  const auto found =
      std::find_if(plan.imports.begin(), plan.imports.end(),
                   [](const SchemaStep& s) { return text_of(s) == "import east.a 1 8"; });
  ASSERT_NE(found, plan.imports.end());
  EXPECT_THAT(found->what.schema.references(),
              ElementsAre(SchemaReference{"b", "east.b", 1}, SchemaReference{"c", "common", 1}));
}

TEST(SchemaPlan, KeepsAReferenceInsideItsContext) {
  const auto source = Content()
                          .has(":.dr:a", 1, 8, schema("a", {{"c", "common", 1}}))
                          .has(":.dr:common", 1, 7, schema("c"));
  const auto plan = plan_of(source, Content());
  EXPECT_THAT(before(plan, "import :.dr:a 1 8"),
              ElementsAre("mode :.dr:a 0 0", "import :.dr:common 1 7"));
  EXPECT_EQ(plan.imports[1].what.schema.references()[0].subject, "common");
}

TEST(SchemaPlan, AReferenceThatTheTargetHasNeedsNoImport) {
  const auto source = Content().has("a", 1, 8, schema("a", {{"c", "common", 1}}));
  const auto plan = plan_of(source, Content().has("common", 1, 7, schema("c")));
  EXPECT_THAT(texts_of(plan.imports), ElementsAre("mode a 0 0", "import a 1 8"));
}

struct Row {
  const char* name;
  Content source;
  Content target;
  std::vector<std::string> differences;
  std::vector<std::string> imports;
  std::vector<std::string> others;
};

Row row(const char* name, Content source, Content target, std::vector<std::string> differences,
        std::vector<std::string> imports, std::vector<std::string> others) {
  return {name,
          std::move(source),
          std::move(target),
          std::move(differences),
          std::move(imports),
          std::move(others)};
}

std::vector<Row> rows() {
  const Schema a = schema("a");
  const Schema b = schema("b");
  const auto one = [&] { return Content().has("a", 1, 7, a).mode("a", "IMPORT"); };
  std::vector<Row> out;
  out.push_back(row("soft_deleted_at_the_source", one().deleted("a", 1), one(),
                    {"live_on_target a 1 7"}, {}, {"delete a 1 0"}));
  out.push_back(row("soft_deleted_and_missing", one().deleted("a", 1), Content(), {"missing a 1 7"},
                    {"mode a 0 0", "import a 1 7"}, {"delete a 1 0"}));
  out.push_back(
      row("soft_deleted_on_both", one().deleted("a", 1), one().deleted("a", 1), {}, {}, {}));
  out.push_back(row("soft_deleted_on_both_and_so_without_a_mode", one().deleted("a", 1),
                    Content().has("a", 1, 7, a).deleted("a", 1), {}, {}, {}));
  out.push_back(row("soft_deleted_on_the_target", one(), one().deleted("a", 1),
                    {"deleted_on_target a 1 7"}, {"mode a 0 0", "import a 1 7"}, {}));
  out.push_back(row("another_schema", one(), Content().has("a", 1, 7, b).mode("a", "IMPORT"),
                    {"other_schema a 1 7"}, {}, {}));
  out.push_back(row("another_id", one(), Content().has("a", 1, 8, a).mode("a", "IMPORT"),
                    {"other_id a 1 7"}, {}, {}));
  out.push_back(
      row("id_of_another_subject", one(), Content().has("x", 1, 7, b), {"id_taken a 1 7"}, {}, {}));
  out.push_back(row("id_of_the_same_schema_elsewhere", one(), Content().has("x", 1, 7, a),
                    {"missing a 1 7"}, {"mode a 0 0", "import a 1 7"}, {}));
  out.push_back(row("same_id_in_another_context", one(), Content().has(":.dr:x", 1, 7, b),
                    {"missing a 1 7"}, {"mode a 0 0", "import a 1 7"}, {}));
  out.push_back(
      row("only_on_the_target", one(), one().has("a", 2, 8, b), {"only_on_target a 2 8"}, {}, {}));
  out.push_back(row("a_subject_of_the_target_alone", one(), one().has("x", 1, 8, b), {}, {}, {}));
  out.push_back(row("a_subject_of_somebody_else", one().has("a", 2, 8, b).config("a", "FULL"),
                    Content().has("a", 1, 3, schema("c")), {"other_schema a 1 7", "missing a 2 8"},
                    {}, {}));
  out.push_back(row("mode_was_given_back", one(), Content().has("a", 1, 7, a), {"mode a 0 0"},
                    {"mode a 0 0"}, {}));
  out.push_back(
      row("config", one().config("a", "FULL"), one(), {"config a 0 0"}, {}, {"config a 0 0"}));
  out.push_back(row("config_only_on_the_target", one(), one().config("a", "FULL"), {"config a 0 0"},
                    {}, {"unset a 0 0"}));
  out.push_back(row("reference_is_nowhere", Content().has("a", 1, 7, schema("a", {{"c", "c", 1}})),
                    Content(), {"reference_missing a 1 7"}, {}, {}));
  out.push_back(row("ids_given_out_and_forgotten", one().max_id(".", 20), one(),
                    {"ids_not_reserved longspan.reserved.ids 0 20"},
                    {"mode longspan.reserved.ids 0 0"}, {"reserve longspan.reserved.ids 1 20"}));
  out.push_back(
      row("ids_reserved_before", one().max_id(".", 20),
          one().has("longspan.reserved.ids", 1, 20, b).deleted("longspan.reserved.ids", 1), {}, {},
          {}));
  out.push_back(row("placeholder_left_by_a_crash", one().max_id(".", 20),
                    one().has("longspan.reserved.ids", 1, 20, b),
                    {"live_on_target longspan.reserved.ids 1 20"}, {},
                    {"delete longspan.reserved.ids 1 0"}));
  out.push_back(
      row("unreadable_at_the_source", one().trouble("x"), one(), {"unreadable x 0 0"}, {}, {}));
  out.push_back(
      row("unreadable_on_the_target", one(), Content().trouble("a"), {"unreadable a 0 0"}, {}, {}));
  return out;
}

TEST(SchemaPlan, Table) {
  for (const auto& each : rows()) {
    SCOPED_TRACE(each.name);
    const auto plan = plan_of(each.source, each.target);
    EXPECT_EQ(told(plan), each.differences);
    EXPECT_EQ(texts_of(plan.imports), each.imports);
    EXPECT_EQ(texts_of(plan.others), each.others);
  }
}

TEST(SchemaPlan, ASubjectThatWasRegisteredAnewWaitsForWhoeverEndsIt) {
  const auto source =
      Content().has("a", 1, 7, schema("new")).has("a", 2, 8, schema("b")).config("a", "FULL");
  auto target = Content().has("a", 1, 3, schema("old")).mode("a", "IMPORT");
  const auto plan = plan_of(source, target);
  EXPECT_THAT(told(plan), ElementsAre("other_schema a 1 7", "missing a 2 8"));
  EXPECT_THAT(texts_of(plan.imports), IsEmpty()) << "it may be another flow's";
  EXPECT_THAT(plan.differences[0].reason, testing::HasSubstr("registered anew"));
  EXPECT_THAT(plan.differences[0].reason,
              testing::HasSubstr("DELETE /subjects/a/versions/1 and DELETE "
                                 "/subjects/a/versions/1?permanent=true on the target"));
  target.mode("a", "READWRITE");
  EXPECT_THAT(texts_of(plan_of(source, target).imports), IsEmpty()) << "somebody else's";
  target.deleted("a", 1);
  EXPECT_THAT(texts_of(plan_of(source, target).imports),
              testing::IsSupersetOf({"mode a 0 0", "import a 2 8"}))
      << "nobody's any more";
}

TEST(SchemaPlan, ASubjectWhoseOnlyImportIsGivenUpIsPutIntoImportAllTheSame) {
  const auto source = Content()
                          .has("a", 1, 7, schema("a"))
                          .has("a", 2, 9, schema("b", {{"c", "common", 1}}))
                          .has("common", 1, 8, schema("c"));
  const auto target = Content()
                          .has("a", 1, 7, schema("a"))
                          .has("common", 1, 3, schema("x"))
                          .mode("common", "IMPORT");
  const auto plan = plan_of(source, target);
  EXPECT_THAT(told(plan), testing::Contains("mode a 0 0"));
  EXPECT_THAT(texts_of(plan.imports), ElementsAre("mode a 0 0"));
}

// Under a placeholder's id the version could never come.
TEST(SchemaPlan, NeverReservesAnIdThatAVersionOfTheSourceHas) {
  const auto source = Content().has("a", 1, 7, schema("a")).has("b", 1, 9, schema("b"));
  auto told_max = source;
  told_max.max_id(".", 9);
  const auto equal_a = Content().has("a", 1, 7, schema("a")).mode("a", "IMPORT");
  const auto read_only = Content(equal_a).mode("b", "READONLY");
  const auto other = Content(equal_a).has("b", 1, 3, schema("x")).mode("b", "IMPORT");
  const auto silent = Content(equal_a).trouble("b");
  for (const auto& [kind, target] :
       {std::pair("missing", read_only), {"other_schema", other}, {"unreadable", silent}}) {
    SCOPED_TRACE(kind);
    const auto plan = plan_of(told_max, target);
    EXPECT_THAT(told(plan), testing::Contains(testing::StartsWith(kind)));
    EXPECT_THAT(told(plan), testing::Contains("ids_not_reserved longspan.reserved.ids 0 9"));
    EXPECT_THAT(texts_of(plan.others), IsEmpty());
    for (const auto& each : plan.differences) EXPECT_FALSE(each.can_be_ended);
  }
  EXPECT_THAT(told(plan_of(told_max, equal_a)), ElementsAre("missing b 1 9"));
}

// Its import had counted as done before it was given up.
TEST(SchemaPlan, AnIdWhoseImportIsGivenUpIsNotReservedAndTold) {
  auto source =
      Content().has("common", 1, 7, schema("c")).has("a", 1, 9, schema("a", {{"c", "common", 1}}));
  source.max_id(".", 9);
  const auto target = Content().has("common", 1, 3, schema("x")).mode("common", "IMPORT");
  EXPECT_THAT(told(plan_of(source, target)),
              ElementsAre("reference_differs a 1 9", "other_schema common 1 7",
                          "ids_not_reserved longspan.reserved.ids 0 9"));
}

TEST(SchemaPlan, ShowsNoSettingButCompatibility) {
  auto source = Content().has("a", 1, 7, schema("a")).mode("a", "IMPORT").inventory();
  auto target = source;
  source.subjects.begin()->second.config =
      R"({"compatibility":"FULL","defaultRuleSet":{"params":{"key":"secret"}}})";
  source.default_config = R"({"compatibility":"FULL","alias":"secret"})";
  target.default_config = R"({"compatibility":"BACKWARD"})";
  const auto plan = make_plan(source, target, {same});
  ASSERT_THAT(told(plan), ElementsAre("default_config  0 0", "config a 0 0"));
  EXPECT_EQ(plan.differences[0].reason,
            "of the registry's own settings alias differs; compatibility is BACKWARD, at the "
            "source FULL");
  EXPECT_EQ(plan.differences[1].reason,
            "of its settings compatibility is not set, at the source FULL; defaultRuleSet differs");
  EXPECT_EQ(plan.others[0].config, source.subjects.begin()->second.config) << "what is written";
}

TEST(SchemaPlan, PrunesOnlyWhenAsked) {
  const auto source = Content().has("a", 1, 7, schema("a")).mode("a", "IMPORT");
  auto target = source;
  target.has("a", 2, 8, schema("b"));
  const auto plan = plan_of(source, target, {same, true});
  EXPECT_THAT(texts_of(plan.others), ElementsAre("delete a 2 0"));
  EXPECT_TRUE(plan.differences.front().can_be_ended);
}

TEST(SchemaPlan, PrunesNothingInASubjectThatIsSomebodyElses) {
  const auto source = Content().has("a", 1, 7, schema("a"));
  const auto target = Content().has("a", 1, 7, schema("a")).has("a", 2, 8, schema("b"));
  const auto plan = plan_of(source, target, {same, true});
  EXPECT_THAT(told(plan), ElementsAre("only_on_target a 2 8"));
  EXPECT_THAT(plan.others, IsEmpty());
  EXPECT_FALSE(plan.differences.front().can_be_ended);
}

TEST(SchemaPlan, TellsSubjectsThatTheSourceDeletedForGoodAndPrunesThemWhenAsked) {
  const auto target = Content()
                          .has("a", 1, 8, schema("a", {{"c", "common", 1}}))
                          .has("common", 1, 7, schema("c"))
                          .has("x", 1, 9, schema("x"))
                          .has("y", 1, 10, schema("y"));
  SchemaRules rules{
      same, false, {{{".", "a"}, {".", "common"}}, {{".", "y"}}, {{{".", "x"}, "hidden"}}}};
  const auto plan = plan_of(Content(), target, rules);
  EXPECT_THAT(told(plan), ElementsAre("only_on_target a 1 8", "only_on_target common 1 7",
                                      "only_on_target y 1 10", "unreadable x 0 0"));
  EXPECT_THAT(plan.others, IsEmpty());
  EXPECT_FALSE(plan.differences[0].can_be_ended);
  rules.is_pruning = true;
  const auto pruning = plan_of(Content(), target, rules);
  EXPECT_THAT(texts_of(pruning.others), ElementsAre("delete a 1 0", "delete common 1 0"));
  EXPECT_THAT(before(pruning, "delete common 1 0"), ElementsAre("delete a 1 0"));
  EXPECT_TRUE(pruning.differences[0].can_be_ended);
}

struct ReadOnlyRow {
  const char* name;
  Content target;
  std::vector<std::string> told;
};

// Nothing is written, and no mode is changed.
TEST(SchemaPlan, LeavesAModeAloneThatLetsNobodyWrite) {
  const auto source = Content()
                          .has("a", 1, 7, schema("a"))
                          .has("a", 2, 8, schema("b"))
                          .has(":.dr:d", 1, 9, schema("d"))
                          .deleted(":.dr:d", 1)
                          .config("a", "FULL")
                          .max_id(".", 20);
  const auto there = [] {
    return Content().has("a", 1, 7, schema("a")).has(":.dr:d", 1, 9, schema("d"));
  };
  for (const auto& [name, target, differences] :
       {ReadOnlyRow{"registry",
                    there().scope_mode("", "READONLY"),
                    {"missing a 2 8", "live_on_target :.dr:d 1 9", "config a 0 0",
                     "ids_not_reserved longspan.reserved.ids 0 20", "read_only  0 0"}},
        ReadOnlyRow{"override",
                    there().scope_mode("", "READONLY_OVERRIDE").mode("a", "IMPORT"),
                    {"missing a 2 8", "live_on_target :.dr:d 1 9", "config a 0 0",
                     "ids_not_reserved longspan.reserved.ids 0 20", "read_only  0 0"}}}) {
    SCOPED_TRACE(name);
    const auto plan = plan_of(source, target);
    EXPECT_EQ(told(plan), differences);
    EXPECT_THAT(texts_of(plan.imports), IsEmpty());
    EXPECT_THAT(texts_of(plan.others), IsEmpty());
    for (const auto& each : plan.differences) EXPECT_FALSE(each.can_be_ended);
  }
  auto target = there().mode("a", "READONLY").scope_mode(":.dr:", "READONLY").inventory();
  const auto plan = make_plan(source.inventory(), target, {same});
  EXPECT_THAT(told(plan), ElementsAre("missing a 2 8", "live_on_target :.dr:d 1 9", "config a 0 0",
                                      "ids_not_reserved longspan.reserved.ids 0 20",
                                      "read_only a 0 0", "read_only :.dr: 0 0"))
      << "the subject, and the context";
  EXPECT_THAT(texts_of(plan.imports), ElementsAre("mode longspan.reserved.ids 0 0"));
}

TEST(SchemaPlan, AReadOnlySubjectThatIsEqualIsNoDifference) {
  const auto source = Content().has("a", 1, 7, schema("a"));
  EXPECT_THAT(told(plan_of(source, Content(source).mode("a", "READONLY"))), IsEmpty());
}

TEST(SchemaPlan, SaysThatAMissingVersionIsSoftlyDeleted) {
  const auto plan = plan_of(Content().has("a", 1, 7, schema("a")).deleted("a", 1), Content());
  EXPECT_EQ(plan.differences[0].reason, "the target does not have it; it is softly deleted");
}

TEST(SchemaPlan, DeletesWhoRefersBeforeWhatIsReferredTo) {
  const auto source = Content()
                          .has("a", 1, 8, schema("a", {{"c", "common", 1}}))
                          .has("common", 1, 7, schema("c"))
                          .deleted("a", 1)
                          .deleted("common", 1);
  const auto plan = plan_of(source, Content());
  EXPECT_THAT(before(plan, "delete common 1 0"), ElementsAre("delete a 1 0"));
  EXPECT_THAT(before(plan, "delete a 1 0"), IsEmpty());
}

TEST(SchemaPlan, NamesACycleAndImportsTheRest) {
  const auto source = Content()
                          .has("a", 1, 7, schema("a", {{"b", "b", 1}}))
                          .has("b", 1, 8, schema("b", {{"a", "a", 1}}))
                          .has("c", 1, 9, schema("c"));
  const auto plan = plan_of(source, Content());
  EXPECT_THAT(told(plan),
              ElementsAre("reference_cycle a 1 7", "reference_cycle b 1 8", "missing c 1 9"));
  EXPECT_THAT(before(plan, "import c 1 9"), ElementsAre("mode c 0 0"));
}

// Who refers to what is another schema on the target would mean something else there.
TEST(SchemaPlan, DoesNotImportWhoRefersToWhatTheTargetDoesNotHaveAsItIs) {
  const auto source = Content()
                          .has("a", 1, 9, schema("a", {{"b", "b", 1}}))
                          .has("b", 1, 8, schema("b", {{"c", "common", 1}}))
                          .has("common", 1, 7, schema("c"))
                          .has("d", 1, 10, schema("d"));
  const auto plan = plan_of(source, Content().has("common", 1, 7, schema("other")));
  EXPECT_THAT(told(plan), ElementsAre("reference_differs a 1 9", "reference_differs b 1 8",
                                      "other_schema common 1 7", "missing d 1 10"));
  EXPECT_EQ(plan.differences[0].reason, "it refers to b version 1, which cannot be imported here");
  EXPECT_EQ(plan.differences[1].reason,
            "it refers to common version 1, which is another schema here");
  EXPECT_FALSE(plan.differences[0].can_be_ended);
  EXPECT_THAT(texts_of(plan.imports), ElementsAre("mode d 0 0", "import d 1 10"));
}

TEST(SchemaPlan, NamesWhatIsWrongWithTheVersionReferredTo) {
  const auto source =
      Content().has("a", 1, 8, schema("a", {{"c", "common", 1}})).has("common", 1, 7, schema("c"));
  const auto reason = [&](const Content& target) {
    const auto plan = plan_of(source, target);
    EXPECT_THAT(plan.imports, IsEmpty());
    for (const auto& each : plan.differences) {
      if (each.kind == DifferenceKind::reference_differs) return each.reason;
    }
    return std::string("it is imported");
  };
  const std::string common = "it refers to common version 1, ";
  EXPECT_EQ(reason(Content().has("common", 1, 6, schema("c"))),
            common + "which has another id here");
  EXPECT_EQ(reason(Content().has("x", 1, 7, schema("x"))),
            common + "whose id stands for another schema here");
  EXPECT_EQ(reason(Content().trouble("common")), common + "which cannot be read here");
}

TEST(SchemaPlan, AVersionKeepsItsOthersWhenOneOfThemIsNotImported) {
  const auto source = Content()
                          .has("a", 1, 8, schema("a"))
                          .has("a", 2, 9, schema("a2", {{"c", "common", 1}}))
                          .has("a", 3, 10, schema("a3"))
                          .has("common", 1, 7, schema("c"));
  const auto plan = plan_of(source, Content().has("common", 1, 7, schema("other")));
  EXPECT_THAT(texts_of(plan.imports), ElementsAre("mode a 0 0", "import a 1 8", "import a 3 10"));
  EXPECT_THAT(before(plan, "import a 3 10"), ElementsAre("mode a 0 0"));
}

std::vector<std::string> checked(const SchemaPlan& plan) {
  std::vector<std::string> out;
  for (const auto& step : plan.imports) {
    if (step.is_checked) out.push_back(text_of(step));
  }
  return out;
}

TEST(SchemaPlan, ChecksWhatIsNewToASubjectWithLiveVersions) {
  const auto source = Content()
                          .has("a", 1, 7, schema("a"))
                          .has("a", 2, 8, schema("a2"))
                          .has("a", 3, 9, schema("a3"))
                          .deleted("a", 3)
                          .config("a", "FULL")
                          .has("b", 1, 10, schema("b"))
                          .has("b", 2, 11, schema("b2"));
  const auto target = Content().has("a", 1, 7, schema("a")).mode("a", "IMPORT");
  const auto plan = plan_of(source, target);
  EXPECT_THAT(checked(plan), ElementsAre("import a 2 8"));
  EXPECT_THAT(before(plan, "import a 2 8"), ElementsAre("mode a 0 0", "config a 0 0"))
      << "by the settings of the source";
  auto emptied = target;
  emptied.deleted("a", 1);
  EXPECT_THAT(checked(plan_of(source, emptied)), IsEmpty());
}

TEST(SchemaPlan, TwoSubjectsOfOneNameAreTold) {
  const auto source = Content().has("a", 1, 7, schema("a")).has("b", 1, 8, schema("b"));
  const auto plan = plan_of(source, Content(), {[](const Subject&) { return Subject{".", "x"}; }});
  EXPECT_THAT(told(plan), ElementsAre("same_name x 0 0", "missing x 1 7"));
}

}  // namespace
}  // namespace longspan
