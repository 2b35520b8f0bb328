// Registries that refuse, lie, lag and fail while a sync is carried out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>

#include "mirror/schemas/sync.h"
#include "tests/unit/mirror/schemas/schema_sync_fixture.h"

namespace longspan {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = RegistryError::Kind;

using SchemaSyncFaults = SchemaSyncFixture;

RegistryError error_of(Kind kind, int status, int code) { return {kind, status, code, "no", "x"}; }

const RegistryError kRefusal = error_of(Kind::refused, 422, 42205);
const RegistryError kForbidden = error_of(Kind::forbidden, 403, 0);
const RegistryError kStoreError = error_of(Kind::unreachable, 500, 50001);

// Calls about these subjects fail so.
class FailingRegistry final : public WrappedRegistry {
 public:
  using WrappedRegistry::WrappedRegistry;

  RegistryResult<void> set_mode(const Subject& scope, const std::string& mode) override {
    if (const auto found = modes.find(scope.name); found != modes.end()) return found->second;
    return WrappedRegistry::set_mode(scope, mode);
  }
  RegistryResult<std::int32_t> import_schema(const RegisteredSchema& schema) override {
    ++imports_seen;
    const auto found = imports.find(schema.subject.name);
    if (found != imports.end()) return found->second;
    if (gives_other_ids) return schema.id + 1'000;
    return WrappedRegistry::import_schema(schema);
  }

  std::map<std::string, RegistryError> modes;
  std::map<std::string, RegistryError> imports;
  bool gives_other_ids = false;
  std::atomic<int> imports_seen = 0;
};

// Of one subject it answers with an id of another version, and keeps nothing.
class OddRegistry final : public WrappedRegistry {
 public:
  using WrappedRegistry::WrappedRegistry;

  RegistryResult<std::int32_t> import_schema(const RegisteredSchema& schema) override {
    if (schema.subject.name == odd) return schema.id - 1;
    return WrappedRegistry::import_schema(schema);
  }

  std::string odd;
};

TEST_F(SchemaSyncFaults, ARefusalOfOneSchemaProvesNothing) {
  add_subjects(30);
  FailingRegistry target(*target_client_);
  target.imports = {{"s0", kRefusal}, {"s1", kRefusal}};
  target.gives_other_ids = true;
  const auto outcome = sync_to(target, plan());
  ASSERT_TRUE(outcome.refused) << text(outcome);
  EXPECT_THAT(*outcome.refused, HasSubstr("does not keep the ids"));
  EXPECT_EQ(target.imports_seen, 3);
  EXPECT_THAT(outcome.failures, SizeIs(2));
}

// AxonOps answers a text that the subject has already with the id that it has.
TEST_F(SchemaSyncFaults, OneOddIdDoesNotRefuseARegistryThatKeepsIds) {
  add("a", avro_record("A", 1));
  ASSERT_TRUE(sync().is_whole());
  for (const auto* name : {"b", "c"}) add(name, avro_record(name, 1));
  OddRegistry target(*target_client_);
  target.odd = "b";
  const auto outcome = sync_to(target, plan());
  EXPECT_FALSE(outcome.refused) << text(outcome);
  ASSERT_THAT(outcome.failures, SizeIs(1)) << text(outcome);
  EXPECT_EQ(outcome.failures[0].subject.name, "b");
  EXPECT_EQ(done(outcome, StepKind::import_version), 1U);
}

TEST_F(SchemaSyncFaults, IdsThatAreTheSameByChanceProveNothing) {
  add("a", avro_record("A", 1));
  set_fault(target_, "other_id");
  add_schema(target_, "a", avro_record("A", 1));
  ASSERT_THAT(told(plan()), testing::ElementsAre("mode a")) << "id 1 on both sides";
  for (const auto* name : {"b", "c"}) add(name, avro_record(name, 1));
  const auto outcome = sync();
  ASSERT_TRUE(outcome.refused) << text(outcome);
  EXPECT_THAT(*outcome.refused, HasSubstr("does not keep the ids"));
}

TEST_F(SchemaSyncFaults, ASubjectThatIsForbiddenDoesNotRefuseTheRun) {
  for (const auto* name : {"a", "b", "c"}) add(name, avro_record(name, 1));
  FailingRegistry target(*target_client_);
  target.modes = {{"a", kForbidden}};
  target.imports = {{"b", kForbidden}};
  const auto outcome = sync_to(target, plan());
  EXPECT_FALSE(outcome.refused) << text(outcome);
  EXPECT_THAT(outcome.failures, SizeIs(2));
  EXPECT_EQ(done(outcome, StepKind::import_version), 1U);
}

TEST_F(SchemaSyncFaults, RefusesTheRunWhereEverySubjectIsForbidden) {
  FailingRegistry target(*target_client_);
  for (const auto* name : {"a", "b", "c"}) {
    add(name, avro_record(name, 1));
    target.imports[name] = kForbidden;
  }
  const auto outcome = sync_to(target, plan());
  ASSERT_TRUE(outcome.refused) << text(outcome);
  EXPECT_THAT(*outcome.refused, HasSubstr("does not let us write"));
  EXPECT_THAT(outcome.failures, IsEmpty());
}

TEST_F(SchemaSyncFaults, SaysWhatWasNotKeptWhereTheIdWas) {
  ask(source_, "POST", "/subjects/a/versions",
      {{"schema", avro_record("A", 1)}, {"metadata", {{"properties", {{"owner", "x"}}}}}});
  add("b", avro_record("B", 1));
  set_fault(target_, "drop_metadata");
  const auto outcome = sync();
  EXPECT_FALSE(outcome.refused) << text(outcome);
  ASSERT_THAT(outcome.failures, SizeIs(1));
  EXPECT_THAT(outcome.failures[0].reason, HasSubstr("its metadata are others"));
  EXPECT_EQ(done(outcome, StepKind::import_version), 1U);
}

// Says yes to changes and makes none of them.
class ForgetfulRegistry final : public WrappedRegistry {
 public:
  using WrappedRegistry::WrappedRegistry;

  RegistryResult<void> set_config(const Subject& scope, const std::string&) override {
    return WrappedRegistry::set_config(scope, R"({"compatibility":"NONE"})");
  }
  RegistryResult<void> unset_config(const Subject&) override { return {}; }
  RegistryResult<void> soft_delete(const SubjectVersion&) override { return {}; }
  RegistryResult<std::int32_t> import_schema(const RegisteredSchema& schema) override {
    return schema.id;
  }
};

TEST_F(SchemaSyncFaults, WhatWasDroppedIsAFailure) {
  for (const auto* name : {"a", "b", "c", "d"}) add(name, avro_record(name, 1));
  ask(source_, "PUT", "/config/b", {{"compatibility", "FULL"}});
  ASSERT_TRUE(sync().is_whole());
  ask(source_, "PUT", "/config/a", {{"compatibility", "FULL"}, {"normalize", true}});
  ask(source_, "DELETE", "/config/b");
  ask(source_, "DELETE", "/subjects/c/versions/1");
  ask(target_, "DELETE", "/subjects/d/versions/1");
  ForgetfulRegistry target(*target_client_);
  const auto outcome = sync_to(target, plan());
  EXPECT_FALSE(outcome.refused) << text(outcome);
  std::map<std::string, std::string> reasons;
  for (const auto& each : outcome.failures) reasons[each.subject.name] = each.reason;
  EXPECT_THAT(reasons, SizeIs(4));
  EXPECT_THAT(reasons["a"], HasSubstr("not kept: compatibility, normalize"));
  EXPECT_THAT(reasons["b"], HasSubstr("still there: compatibility"));
  EXPECT_THAT(reasons["c"], HasSubstr("it is still there"));
  EXPECT_THAT(reasons["d"], HasSubstr("still softly deleted"));
}

class ClosedSettings final : public WrappedRegistry {
 public:
  using WrappedRegistry::WrappedRegistry;
  RegistryResult<void> set_config(const Subject&, const std::string&) override {
    return RegistryError{RegistryError::Kind::refused, 422, 42203, "no such level", ""};
  }
};

TEST_F(SchemaSyncFaults, SettingsThatAreRefusedTakeNoneAway) {
  add("a", avro_record("A", 1));
  ask(source_, "PUT", "/config/a", {{"compatibility", "FULL"}, {"normalize", true}});
  ASSERT_TRUE(sync().is_whole());
  ask(source_, "DELETE", "/config/a");
  ask(source_, "PUT", "/config/a", {{"compatibility", "FULL"}});
  ClosedSettings target(*target_client_);
  const auto outcome = sync_to(target, plan());
  ASSERT_THAT(outcome.failures, SizeIs(1)) << text(outcome);
  EXPECT_THAT(ask(target_, "GET", "/config/a"), HasSubstr("FULL"));
}

// A follower: each reading of something is answered as if it were not there, so many times.
class LaggingRegistry final : public WrappedRegistry {
 public:
  LaggingRegistry(Registry& other, int lag) : WrappedRegistry(other), lag_(lag) {}

  RegistryResult<std::optional<std::string>> mode(const Subject& scope) override {
    if (is_behind("mode " + scope.text())) return std::optional<std::string>();
    return WrappedRegistry::mode(scope);
  }
  RegistryResult<std::optional<RegisteredSchema>> version(const SubjectVersion& which) override {
    if (is_behind("version " + which.subject.text())) return std::optional<RegisteredSchema>();
    return WrappedRegistry::version(which);
  }
  RegistryResult<std::optional<Schema>> schema(std::int32_t id, const Subject& seen_in) override {
    if (is_behind("id " + std::to_string(id))) return error_of(Kind::unsupported, 404, 0);
    return WrappedRegistry::schema(id, seen_in);
  }
  RegistryResult<std::optional<std::string>> config(const Subject& scope) override {
    if (is_behind("config " + scope.text())) return std::optional<std::string>();
    return WrappedRegistry::config(scope);
  }

 private:
  bool is_behind(const std::string& what) {
    const std::lock_guard lock(mutex_);
    return ++readings_[what] <= lag_;
  }

  const int lag_;
  std::mutex mutex_;
  std::map<std::string, int> readings_;
};

TEST_F(SchemaSyncFaults, ReadsAgainWhereAFollowerIsBehind) {
  for (const auto* name : {"a", "b", "c"}) add(name, avro_record(name, 1));
  ask(source_, "PUT", "/config/a", {{"compatibility", "FULL"}});
  LaggingRegistry target(*target_client_, 4);
  const auto outcome = sync_to(target, plan());
  EXPECT_TRUE(outcome.is_whole()) << text(outcome);
  expect_equal();
}

TEST_F(SchemaSyncFaults, WhatIsNeverThereIsNotCalledAnotherId) {
  add_subjects(30);
  const auto planned = plan();
  ForgetfulRegistry target(*target_client_);
  const auto outcome = sync_to(target, planned);
  ASSERT_TRUE(outcome.refused) << text(outcome);
  EXPECT_THAT(*outcome.refused, HasSubstr("does not give back what it was sent"));
  EXPECT_THAT(outcome.failures, SizeIs(2));
}

TEST_F(SchemaSyncFaults, AStoreErrorOfOneVersionIsItsFailure) {
  for (const auto* name : {"a", "b", "c"}) add(name, avro_record(name, 1));
  FailingRegistry target(*target_client_);
  target.imports = {{"b", kStoreError}};
  const auto outcome = sync_to(target, plan());
  EXPECT_FALSE(outcome.lost) << text(outcome);
  ASSERT_THAT(outcome.failures, SizeIs(1));
  EXPECT_THAT(outcome.failures[0].reason, HasSubstr("50001"));
  EXPECT_EQ(done(outcome, StepKind::import_version), 2U);
}

TEST_F(SchemaSyncFaults, StoreErrorsInARowMeanThatItIsLost) {
  FailingRegistry target(*target_client_);
  for (int i = 0; i < 30; ++i) {
    add("s" + std::to_string(i), avro_record("R" + std::to_string(i), 1));
    target.modes["s" + std::to_string(i)] = kStoreError;
  }
  const auto outcome = sync_to(target, plan());
  ASSERT_TRUE(outcome.lost) << text(outcome);
  EXPECT_EQ(outcome.lost->code, 50001);
  EXPECT_THAT(outcome.failures, SizeIs(kFailuresInARow));
  expect_sums(outcome, plan());
}

// Changes of these subjects get no answer: they were made before it was lost, or they were not.
class SilentRegistry final : public WrappedRegistry {
 public:
  using WrappedRegistry::WrappedRegistry;

  RegistryResult<void> set_mode(const Subject& scope, const std::string& mode) override {
    return change(scope, [&] { return WrappedRegistry::set_mode(scope, mode); });
  }
  RegistryResult<std::int32_t> import_schema(const RegisteredSchema& schema) override {
    if (++imports_seen == goes_away_at) is_away = true;
    return change(schema.subject, [&] { return WrappedRegistry::import_schema(schema); });
  }
  RegistryResult<void> soft_delete(const SubjectVersion& which) override {
    return change(which.subject, [&] { return WrappedRegistry::soft_delete(which); });
  }
  RegistryResult<void> set_config(const Subject& scope, const std::string& json) override {
    return change(scope, [&] { return WrappedRegistry::set_config(scope, json); });
  }
  RegistryResult<std::optional<std::string>> mode(const Subject& scope) override {
    if (is_away) return kNoAnswer;
    return WrappedRegistry::mode(scope);
  }
  RegistryResult<std::optional<RegisteredSchema>> version(const SubjectVersion& which) override {
    if (is_away) return kNoAnswer;
    return WrappedRegistry::version(which);
  }
  RegistryResult<std::optional<Schema>> schema(std::int32_t id, const Subject& seen_in) override {
    if (is_away) return kNoAnswer;
    return WrappedRegistry::schema(id, seen_in);
  }

  std::set<std::string> silent;
  bool makes_changes = false;
  int goes_away_at = 0;  // with this import; 0: never
  std::atomic<int> imports_seen = 0;
  std::atomic<bool> is_away = false;

 private:
  inline static const RegistryError kNoAnswer{Kind::unreachable, 0, 0, "dropped", "x"};

  template <class Make>
  auto change(const Subject& subject, const Make& make) -> decltype(make()) {
    if (is_away) return kNoAnswer;
    const bool is_silent = silent.contains(subject.name);
    if (is_silent && !makes_changes) return kNoAnswer;
    auto made = make();
    if (is_silent) return kNoAnswer;
    return made;
  }
};

TEST_F(SchemaSyncFaults, ARequestWithoutAnAnswerIsTheFailureOfItsSubjectAlone) {
  add_subjects(30);
  SilentRegistry target(*target_client_);
  target.silent = {"s3", "s17"};
  const auto planned = plan();
  const auto outcome = sync_to(target, planned);
  EXPECT_FALSE(outcome.lost) << text(outcome);
  EXPECT_TRUE(outcome.unanswered);
  ASSERT_THAT(outcome.failures, SizeIs(2)) << text(outcome);
  EXPECT_THAT(outcome.failures[0].reason, HasSubstr("no answer of the schema registry: dropped"));
  EXPECT_THAT(outcome.failures[0].reason, HasSubstr("it was not carried out"));
  EXPECT_EQ(done(outcome, StepKind::import_version), 28U);
  EXPECT_EQ(outcome.skipped, 2U);
  expect_sums(outcome, planned);
  EXPECT_TRUE(sync().is_whole());
  expect_equal();
}

TEST_F(SchemaSyncFaults, WhatWasWrittenWithoutAnAnswerIsReadBack) {
  add_subjects(70);
  ASSERT_TRUE(sync().is_whole());
  add("s1", avro_record("R1", 2));
  add("new", avro_record("New", 1));
  ask(source_, "PUT", "/config/s2", {{"compatibility", "FULL"}});
  ask(source_, "DELETE", "/subjects/s3/versions/1");
  SilentRegistry target(*target_client_);
  target.silent = {"s1", "s2", "s3", "new"};
  target.makes_changes = true;
  const auto outcome = sync_to(target, plan());
  EXPECT_TRUE(outcome.is_whole()) << text(outcome);
  EXPECT_EQ(done(outcome, StepKind::import_version), 2U);
  expect_equal();
}

TEST_F(SchemaSyncFaults, ARegistryThatNeverAnswersAChangeIsFilled) {
  add_subjects(70);
  set_fault(target_, "drop_after_commit=1");
  const auto outcome = sync();
  EXPECT_TRUE(outcome.is_whole()) << text(outcome);
  expect_equal();
}

// By version and by id.
class CountingRegistry final : public WrappedRegistry {
 public:
  using WrappedRegistry::WrappedRegistry;

  RegistryResult<std::optional<RegisteredSchema>> version(const SubjectVersion& which) override {
    ++versions_read;
    return WrappedRegistry::version(which);
  }
  RegistryResult<std::optional<Schema>> schema(std::int32_t id, const Subject& seen_in) override {
    ++ids_read;
    return WrappedRegistry::schema(id, seen_in);
  }
  RegistryResult<std::vector<ListedVersion>> listed(const ListedRange& range) override {
    if (!lists) return WrappedRegistry::listed(range);
    return lists->listed(range);
  }

  std::atomic<int> versions_read = 0;
  std::atomic<int> ids_read = 0;
  Registry* lists = nullptr;  // absent: it has none
};

TEST_F(SchemaSyncFaults, WhatListsShowIsNotAskedForByItself) {
  add_subjects(70);
  CountingRegistry target(*target_client_);
  target.lists = target_client_.get();
  ASSERT_TRUE(sync_to(target, plan()).is_whole());
  EXPECT_EQ(target.versions_read, 1) << "the proof";
  EXPECT_EQ(target.ids_read, 1);
  expect_equal();
}

TEST_F(SchemaSyncFaults, WhereThereAreNoListsEachIsReadByVersionAndId) {
  add_subjects(70);
  CountingRegistry target(*target_client_);
  ASSERT_TRUE(sync_to(target, plan()).is_whole());
  EXPECT_EQ(target.versions_read, 70);
  EXPECT_EQ(target.ids_read, 70);
}

TEST_F(SchemaSyncFaults, ARegistryThatGoesAwayEndsTheRunWithTheRightSums) {
  for (const int subjects : {30, 90}) {  // each read back at once, or all together
    SCOPED_TRACE(subjects);
    add_subjects(subjects);
    const auto planned = plan();
    SilentRegistry target(*target_client_);
    target.goes_away_at = 20;
    const auto outcome = sync_to(target, planned);
    ASSERT_TRUE(outcome.lost) << text(outcome);
    EXPECT_GT(outcome.not_tried, 0U);
    EXPECT_LE(outcome.failures.size(), kOutageSubjects + kRequestsAtOnce);
    expect_sums(outcome, planned);
    EXPECT_TRUE(sync().is_whole());
    expect_equal();
  }
}

TEST_F(SchemaSyncFaults, ARegistryThatAnswersNothingIsLostWithOneSubjectToo) {
  add("a", avro_record("A", 1));
  const auto planned = plan();
  SilentRegistry target(*target_client_);
  target.is_away = true;
  const auto outcome = sync_to(target, planned);
  EXPECT_TRUE(outcome.lost);
  EXPECT_THAT(outcome.failures, SizeIs(1));
  expect_sums(outcome, planned);
}

TEST_F(SchemaSyncFaults, AModeThatLetsNobodyWriteStaysAsItIs) {
  add("a", avro_record("A", 1));
  add("b", avro_record("B", 1));
  ask(target_, "PUT", "/mode/a", {{"mode", "READONLY"}});  // no list names it
  const auto outcome = sync();
  ASSERT_THAT(outcome.failures, SizeIs(1)) << text(outcome);
  EXPECT_THAT(outcome.failures[0].reason, HasSubstr("its mode is READONLY"));
  EXPECT_THAT(ask(target_, "GET", "/mode/a"), HasSubstr("READONLY"));
  EXPECT_EQ(outcome.skipped, 1U);
  EXPECT_EQ(done(outcome, StepKind::import_version), 1U);
  for (const auto* mode : {"READONLY", "READONLY_OVERRIDE"}) {
    SCOPED_TRACE(mode);
    ask(target_, "DELETE", "/mode/a");
    ask(target_, "PUT", "/mode", {{"mode", mode}});
    const auto planned = plan();
    EXPECT_THAT(planned.imports, IsEmpty());
    ASSERT_FALSE(planned.differences.empty());
    EXPECT_EQ(planned.differences.back().kind, DifferenceKind::read_only);
    EXPECT_THAT(planned.differences.back().reason,
                HasSubstr(std::string("its mode is ") + mode +
                          ", so nothing is written here and "
                          "1 subject waits for it; when that may end: PUT /mode "));
    EXPECT_TRUE(sync().is_whole());
    EXPECT_THAT(ask(target_, "GET", "/mode"), HasSubstr(mode));
    EXPECT_EQ(answer_of(target_, "GET", "/mode/a").status, 404);
    ask(target_, "PUT", "/mode", {{"mode", "READWRITE"}});
    ask(target_, "PUT", "/mode/a", {{"mode", "READONLY"}});
  }
}

// Nobody would find it again, for a registry lists no subject without a version.
TEST_F(SchemaSyncFaults, ANewSubjectOfWhichNothingCameIsNotLeftInImport) {
  add("a", avro_record("A", 1));
  add("b", avro_record("B", 1));
  FailingRegistry target(*target_client_);
  target.imports = {{"b", kRefusal}};
  const auto planned = plan();
  const auto outcome = sync_to(target, planned);
  EXPECT_THAT(outcome.failures, SizeIs(1));
  EXPECT_EQ(done(outcome, StepKind::set_import_mode), 1U);
  EXPECT_EQ(answer_of(target_, "GET", "/mode/b").status, 404);
  EXPECT_THAT(ask(target_, "GET", "/mode/a"), HasSubstr("IMPORT"));
}

// The readings end with the run.
TEST_F(SchemaSyncFaults, AStopWhileItIsReadAgainIsNoFailure) {
  add("a", avro_record("A", 1));
  const auto planned = plan();
  std::stop_source stop;
  class Stopping final : public WrappedRegistry {
   public:
    Stopping(Registry& other, std::stop_source& stop) : WrappedRegistry(other), stop_(stop) {}
    RegistryResult<std::optional<std::string>> mode(const Subject&) override {
      stop_.request_stop();
      return std::optional<std::string>();
    }

   private:
    std::stop_source& stop_;
  } target(*target_client_, stop);
  const auto outcome = run_sync({.target = target, .stop = stop.get_token()}, planned);
  EXPECT_TRUE(outcome.lost);
  EXPECT_FALSE(outcome.refused);
  EXPECT_THAT(outcome.failures, IsEmpty());
}

}  // namespace
}  // namespace longspan
