// Subjects of an embedded registry out of IMPORT again, as a hand-over does it.
#include "mirror/schemas/handover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "mirror/schemas/sync.h"
#include "tests/fakes/embedded_exchange.h"
#include "tests/fakes/embedded_requests.h"
#include "tests/unit/mirror/schemas/wrapped_registry.h"

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SchemaHandoverTest : public testing::Test {
 protected:
  void set_mode(const std::string& scope, const std::string& mode) {
    ask(target_, "PUT", "/mode" + scope + "?force=true", {{"mode", mode}});
  }

  // A subject as the mirror leaves it.
  void mirrored(const std::string& subject, std::int32_t id) {
    set_mode("/" + subject, "IMPORT");
    ask(target_, "POST", "/subjects/" + subject + "/versions",
        {{"schema", avro_fixed("F" + std::to_string(id))}, {"id", id}, {"version", 1}});
  }

  static SubjectRules rules(const std::string& target_context = "") {
    SubjectConfig config;
    config.subjects = *NamePatterns::make({".*"}, "schema.subjects");
    config.contexts = *NamePatterns::make({R"(\.)"}, "schema.contexts");
    config.target_context = target_context;
    return {config, *Naming::make({.source_alias = "east", .target_alias = "west"}),
            *TopicFilter::make({".*"}, {"secret.*"}, false)};
  }

  std::vector<std::string> in_import(const SubjectRules& of, const std::set<Subject>& known = {}) {
    const auto found = subjects_in_import(*client_, of, known);
    EXPECT_TRUE(found) << found.error().text();
    std::vector<std::string> out;
    for (const auto& subject : *found) out.push_back(subject.text());
    return out;
  }

  SetBack set_all_back() {
    return set_back(*client_, *subjects_in_import(*client_, rules(), {}), {});
  }

  // A writer's own version, as after a failover; the status.
  int registers(const std::string& subject) {
    ask(target_, "PUT", "/config/" + subject, {{"compatibility", "NONE"}});
    return answer_of(target_, "POST", "/subjects/" + subject + "/versions",
                     {{"schema", "\"string\""}})
        .status;
  }

  embedded::EmbeddedRegistry target_;
  std::unique_ptr<RegistryClient> client_ = client_of(target_);
};

TEST_F(SchemaHandoverTest, FindsWhatTheMirrorWritesAndNothingElse) {
  mirrored("east.orders-value", 1);
  mirrored("common", 2);
  mirrored("north.orders-value", 3);     // of another flow
  mirrored("east.secret-value", 4);      // of a topic that is not selected
  mirrored(":.dr:east.clients-key", 5);  // of another context
  mirrored(std::string(kReservedSubject), 9);
  EXPECT_THAT(in_import(rules()),
              ElementsAre("common", "east.orders-value", "longspan.reserved.ids"));
  EXPECT_THAT(in_import(rules(".dr")), ElementsAre(":.dr:east.clients-key"));
}

// Names of subjects, of what the target has and the source told.
TEST_F(SchemaHandoverTest, KnowsWhatThisFlowHasMirrored) {
  mirrored("east.orders-value", 1);
  mirrored("common", 2);
  mirrored("theirs", 3);  // put into IMPORT by somebody else
  mirrored("rival", 4);   // the source has one of this name, and another schema
  ask(target_, "POST", "/subjects/east.orders-value/versions",
      {{"schema", R"({"type":"record","name":"R","fields":[{"name":"c","type":"F2"}]})"},
       {"id", 5},
       {"version", 2},
       {"references", {{{"name", "F2"}, {"subject", "common"}, {"version", 1}}}}});
  const auto target =
      *read_inventory({.registry = *client_, .wants = [](const Subject&) { return true; }});
  Inventory source;
  source.subjects[{".", "orders-value"}].versions[1].id = 1;
  source.subjects[{".", "rival"}].versions[1].id = 9;
  source.subjects[{".", "not-yet"}].versions[1].id = 8;
  const auto names = [&](const Inventory* known, const std::set<Subject>& topics) {
    std::vector<std::string> out;
    for (const auto& each : mirrored_subjects({rules(), known, target, topics})) {
      out.push_back(each.text());
    }
    return out;
  };
  EXPECT_THAT(names(&source, {}), ElementsAre("common", "east.orders-value", "not-yet"));
  EXPECT_THAT(names(nullptr, {}), ElementsAre("common", "east.orders-value"));
  EXPECT_THAT(names(nullptr, {{".", "theirs"}}),
              ElementsAre("common", "east.orders-value", "theirs"));
}

TEST_F(SchemaHandoverTest, FindsASubjectWithoutAVersionThatIsKnown) {
  set_mode("/east.orders-value", "IMPORT");
  EXPECT_THAT(in_import(rules()), IsEmpty());
  EXPECT_THAT(in_import(rules(), {Subject{".", "east.orders-value"}, Subject{".", "east.x-key"}}),
              ElementsAre("east.orders-value"));
}

TEST_F(SchemaHandoverTest, SubjectsTakeRegistrationsAgain) {
  mirrored("east.orders-value", 1);
  mirrored("common", 2);
  EXPECT_EQ(registers("common"), 422);
  const auto outcome = set_all_back();
  EXPECT_TRUE(outcome.is_whole());
  EXPECT_EQ(outcome.done.size(), 2U);
  EXPECT_THAT(in_import(rules()), IsEmpty());
  EXPECT_EQ(answer_of(target_, "GET", "/mode/common").status, 404) << "no mode of its own";
  EXPECT_EQ(registers("common"), 200);
  EXPECT_THAT(set_all_back().done, IsEmpty());
}

// Each mode is told as it was, so many times after a change.
class LaggingModes final : public WrappedRegistry {
 public:
  using WrappedRegistry::WrappedRegistry;

  RegistryResult<std::optional<std::string>> mode(const Subject& scope) override {
    if (left > 0 && !scope.name.empty()) {
      --left;
      return std::optional<std::string>("IMPORT");
    }
    return WrappedRegistry::mode(scope);
  }

  int left = 3;
};

TEST_F(SchemaHandoverTest, AFollowerThatIsBehindIsAskedAgain) {
  mirrored("common", 1);
  LaggingModes registry(*client_);
  const std::vector<std::chrono::milliseconds> no_waits(kReadAgain.size());
  const auto outcome = set_back(registry, {Subject{".", "common"}}, {}, no_waits);
  EXPECT_TRUE(outcome.is_whole());
  EXPECT_EQ(answer_of(target_, "GET", "/mode/common").status, 404) << "no mode of its own";
}

TEST_F(SchemaHandoverTest, WhereTheDefaultIsAnotherASubjectGetsReadwriteOfItsOwn) {
  mirrored("east.orders-value", 1);
  mirrored("common", 2);
  ask(target_, "DELETE", "/mode/common");
  set_mode("", "IMPORT");
  EXPECT_THAT(in_import(rules()), ElementsAre("common", "east.orders-value"));
  const auto outcome = set_all_back();
  EXPECT_TRUE(outcome.is_whole());
  EXPECT_THAT(ask(target_, "GET", "/mode/common"), HasSubstr("READWRITE"));
  EXPECT_EQ(registers("common"), 200);
  EXPECT_EQ(registers("east.orders-value"), 200);
}

TEST_F(SchemaHandoverTest, OneThatCannotBeSetBackStopsNoOther) {
  mirrored("common", 2);
  set_fault(target_, "fixed_modes");
  const auto outcome = set_all_back();
  EXPECT_FALSE(outcome.is_whole());
  ASSERT_EQ(outcome.failures.size(), 1U);
  EXPECT_THAT(outcome.failures.begin()->second, HasSubstr("42205"));
  EXPECT_FALSE(outcome.lost);
}

TEST_F(SchemaHandoverTest, ALostAnswerStopsNoOtherAndIsReadBack) {
  for (int i = 1; i <= 6; ++i) mirrored("s" + std::to_string(i), i);
  set_fault(target_, "drop_after_commit=1");
  const auto outcome = set_all_back();
  EXPECT_TRUE(outcome.is_whole());
  EXPECT_EQ(outcome.done.size(), 6U);
}

TEST_F(SchemaHandoverTest, ARegistryThatGoesAwayIsTold) {
  mirrored("common", 2);
  const auto subjects = *subjects_in_import(*client_, rules(), {});
  set_fault(target_, "unavailable=1");
  EXPECT_TRUE(set_back(*client_, subjects, {}).lost);
  EXPECT_FALSE(subjects_in_import(*client_, rules(), {}));
}

// No answer about some subjects; those wait until others have theirs.
class DeafRegistry final : public WrappedRegistry {
 public:
  DeafRegistry(Registry& other, std::set<std::string> deaf_to, std::shared_future<void> answered)
      : WrappedRegistry(other), deaf_to_(std::move(deaf_to)), answered_(std::move(answered)) {}

  RegistryResult<void> unset_mode(const Subject& scope) override {
    if (!deaf_to_.contains(scope.name)) return WrappedRegistry::unset_mode(scope);
    answered_.wait();
    return error;
  }
  RegistryResult<std::optional<std::string>> mode(const Subject& scope) override {
    if (deaf_to_.contains(scope.name)) return error;
    return WrappedRegistry::mode(scope);
  }

  RegistryError error{RegistryError::Kind::unreachable, 0, 0, "no answer", "x"};

 private:
  const std::set<std::string> deaf_to_;
  const std::shared_future<void> answered_;
};

// The exit code says that the registry cannot be reached, and it was.
TEST_F(SchemaHandoverTest, ARegistryThatAnswersAboutOthersIsNotLost) {
  const std::vector<std::set<std::string>> rows = {{"a"}, {"a", "b"}, {"a", "b", "c", "d"}};
  for (const auto& deaf_to : rows) {
    SCOPED_TRACE(deaf_to.size());
    for (int i = 0; i < 5; ++i) mirrored(std::string(1, static_cast<char>('a' + i)), i + 1);
    set_fault(target_, "fixed_modes");  // what it answers about "e" is a no
    std::promise<void> answered;
    DeafRegistry target(*client_, deaf_to, answered.get_future().share());
    const std::size_t answers = 5 - deaf_to.size();
    const auto outcome = set_back(target, *subjects_in_import(*client_, rules(), {}),
                                  [&](std::size_t done, std::size_t) {
                                    if (done == answers) answered.set_value();
                                  });
    EXPECT_FALSE(outcome.lost);
    EXPECT_EQ(outcome.failures.size(), 5U);
    ask(target_, "DELETE", "/longspan/faults");
  }
}

TEST_F(SchemaHandoverTest, AFailureOfTheRegistrysOwnIsAnAnswerUntilThereAreManyInARow) {
  std::promise<void> answered;
  answered.set_value();
  const auto future = answered.get_future().share();
  for (const int count : {1, kFailuresInARow}) {
    std::set<std::string> names;
    for (int i = 1; i <= count; ++i) {
      names.insert("s" + std::to_string(i));
      mirrored("s" + std::to_string(i), i);
    }
    DeafRegistry target(*client_, names, future);
    target.error = {RegistryError::Kind::unreachable, 500, 50001, "store", "x"};
    const auto outcome = set_back(target, *subjects_in_import(*client_, rules(), {}), {});
    EXPECT_EQ(outcome.lost.has_value(), count == kFailuresInARow);
    EXPECT_EQ(outcome.failures.size(), names.size());
  }
}

TEST_F(SchemaHandoverTest, ARegistryWithoutModesHasNothingInImport) {
  set_fault(target_, "other_id");
  EXPECT_THAT(in_import(rules(), {Subject{".", "common"}}), IsEmpty());
}

TEST(MindHandover, WhatIsStillInImportIsADifferenceAndWhatIsNotIsNone) {
  SchemaPlan plan;
  plan.differences = {{DifferenceKind::mode, Subject{".", "a"}, 0, 0, "not in IMPORT", true},
                      {DifferenceKind::missing, Subject{".", "b"}, 1, 1, "not there", true}};
  plan.imports.push_back({StepKind::set_import_mode, {Subject{".", "a"}, 0, 0, {}}, ""});
  mind_handover(plan, {Subject{".", "c"}});
  ASSERT_EQ(plan.differences.size(), 2U);
  EXPECT_EQ(plan.differences[0].kind, DifferenceKind::missing);
  EXPECT_FALSE(plan.differences[0].can_be_ended);
  EXPECT_EQ(plan.differences[1].kind, DifferenceKind::still_in_import);
  EXPECT_EQ(name(plan.differences[1].kind), "still_in_import");
  EXPECT_THAT(plan.imports, IsEmpty());
}

}  // namespace
}  // namespace longspan
