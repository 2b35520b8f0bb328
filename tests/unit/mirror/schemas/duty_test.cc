#include "mirror/schemas/duty.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <nlohmann/json.hpp>

#include "tests/fakes/embedded_exchange.h"
#include "tests/fakes/embedded_requests.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/mirror/schemas/wrapped_registry.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::IsEmpty;
using Json = nlohmann::json;

SubjectRules every_subject() {
  SubjectConfig config;
  config.subjects = *NamePatterns::make({".*"}, "schema.subjects");
  config.contexts = *NamePatterns::make({".*"}, "schema.contexts");
  config.rename = SubjectRename::none;
  return {config, Naming(), TopicFilter()};
}

// What was written and is not there is read again at once.
SchemaDutyLimits without_waits() {
  SchemaDutyLimits limits;
  for (auto& pause : limits.read_again) pause = milliseconds(0);
  return limits;
}

class SchemaDutyTest : public testing::Test {
 protected:
  void add(const std::string& subject, const std::string& name, const Json& references = {}) {
    add_schema(source_, subject, avro_fixed(name), references);
  }

  // Another duty for the same registries, with one in front of one of them.
  std::unique_ptr<SchemaDuty> duty_of(std::unique_ptr<Registry> source,
                                      std::unique_ptr<Registry> target,
                                      const SchemaDutyLimits& limits = without_waits()) {
    auto duty = std::make_unique<SchemaDuty>(
        every_subject(), std::move(source), std::move(target), clock_, limits,
        [this](const SchemaStatus& status) { news_.push_back(status); });
    duty->set_duty(true);
    return duty;
  }

  // As a registry does that leaves ids out; other_id is on again afterwards if it was.
  void add_with_id(const std::string& subject, int version, int id) {
    const std::string faults = ask(source_, "GET", "/longspan/faults");
    ask(source_, "DELETE", "/longspan/faults");
    ask(source_, "PUT", "/mode/" + subject + "?force=true", {{"mode", "IMPORT"}});
    ask(source_, "POST", "/subjects/" + subject + "/versions",
        {{"schema", avro_fixed("N" + std::to_string(id))}, {"version", version}, {"id", id}});
    ask(source_, "PUT", "/longspan/faults", Json::parse(faults));
  }

  std::string subjects() { return ask(target_, "GET", "/subjects"); }
  // A tick later.
  milliseconds turn() {
    clock_.advance(SchemaDutyLimits().tick);
    return duty_.turn({});
  }

  embedded::EmbeddedRegistry source_;
  embedded::EmbeddedRegistry target_;
  FakeClock clock_;
  std::vector<SchemaStatus> news_;
  SchemaDuty duty_{
      every_subject(),    client_of(source_),
      client_of(target_), clock_,
      without_waits(),    [this](const SchemaStatus& status) { news_.push_back(status); }};
};

TEST_F(SchemaDutyTest, DoesNothingUntilItIsItsDuty) {
  add("a", "A");
  turn();
  EXPECT_EQ(subjects(), "[]");
  duty_.set_duty(true);
  turn();
  EXPECT_EQ(subjects(), R"(["a"])");
  ASSERT_EQ(news_.size(), 1U);
  EXPECT_EQ(news_[0].imported_total, 1);
  EXPECT_FALSE(news_[0].trouble);
}

TEST_F(SchemaDutyTest, FindsANewVersionWithinATick) {
  add("a", "A");
  duty_.set_duty(true);
  turn();
  ask(source_, "PUT", "/config/a", {{"compatibility", "NONE"}});
  add("a", "A2");
  add("common", "C");
  add("b", "B", Json::array({{{"name", "C"}, {"subject", "common"}, {"version", 1}}}));
  turn();
  EXPECT_EQ(subjects(), R"(["a","b","common"])");
  EXPECT_EQ(duty_.status().imported_total, 4);
  EXPECT_THAT(duty_.status().differences, IsEmpty());
}

TEST_F(SchemaDutyTest, FindsTheFirstSubjectWithinATick) {
  duty_.set_duty(true);
  turn();
  add("a", "A");
  turn();
  EXPECT_EQ(subjects(), R"(["a"])");
}

// Apicurio uses up an id for each schema that is registered once more, which a converter does every
// half a minute: behind the highest id known there is nearly always one that nobody will ever use.
TEST_F(SchemaDutyTest, FindsNewVersionsBehindIdsThatNobodyUses) {
  add("a", "A");
  duty_.set_duty(true);
  set_fault(source_, "other_id");
  turn();
  add_with_id("a", 2, 100);
  add_with_id("b", 1, 200);
  turn();
  EXPECT_EQ(subjects(), R"(["a","b"])");
  EXPECT_EQ(ask(target_, "GET", "/subjects/a/versions"), "[1,2]");
  EXPECT_EQ(duty_.status().imported_total, 3);
  add_with_id("b", 2, 300);
  turn();
  EXPECT_EQ(ask(target_, "GET", "/subjects/b/versions"), "[1,2]");
  EXPECT_EQ(duty_.status().imported_total, 4) << "what is there is not imported again";
}

TEST_F(SchemaDutyTest, FindsADeletionAtTheNextComparison) {
  add("a", "A");
  duty_.set_duty(true);
  turn();
  ask(source_, "DELETE", "/subjects/a/versions/1");
  turn();
  EXPECT_EQ(subjects(), R"(["a"])");
  clock_.advance(minutes(5));
  turn();
  EXPECT_EQ(subjects(), "[]");
}

TEST_F(SchemaDutyTest, WaitsLongerEachTimeForARegistryInTrouble) {
  add("a", "A");
  set_fault(source_, "unavailable=1");
  duty_.set_duty(true);
  EXPECT_EQ(turn(), milliseconds(1000));
  EXPECT_EQ(turn(), milliseconds(2000));
  EXPECT_EQ(turn(), milliseconds(4000));
  ASSERT_EQ(news_.size(), 1U) << "told once";
  EXPECT_THAT(news_[0].trouble.value_or(""), HasSubstr("503"));
  ask(source_, "DELETE", "/longspan/faults");
  EXPECT_EQ(turn(), milliseconds(1000));
  ASSERT_EQ(news_.size(), 2U);
  EXPECT_FALSE(news_[1].trouble);
  EXPECT_EQ(subjects(), R"(["a"])");
}

TEST_F(SchemaDutyTest, RefusesATargetThatGivesOtherIds) {
  add("filler", "F");
  add("a", "A");
  set_fault(target_, "no_import");
  duty_.set_duty(true);
  turn();
  ASSERT_EQ(news_.size(), 1U);
  EXPECT_THAT(news_[0].trouble.value_or(""), HasSubstr("does not keep the ids"));
  EXPECT_EQ(subjects(), "[]");
}

TEST_F(SchemaDutyTest, LeavesTheRegistriesAloneOnceHandedOver) {
  add("a", "A");
  duty_.set_duty(true);
  turn();
  duty_.set_handed_over(SchemaHandover{"me@host", {7}, "failover"});
  EXPECT_TRUE(duty_.is_at_rest());
  EXPECT_EQ(duty_.status().handed_over->who, "me@host");
  ask(target_, "DELETE", "/mode/a");
  add("b", "B");
  clock_.advance(minutes(5));
  turn();
  EXPECT_EQ(subjects(), R"(["a"])");
  EXPECT_EQ(answer_of(target_, "GET", "/mode/a").status, 404);
  duty_.set_handed_over({});
  EXPECT_FALSE(duty_.is_at_rest());
  turn();
  EXPECT_EQ(subjects(), R"(["a","b"])");
  EXPECT_THAT(ask(target_, "GET", "/mode/a"), HasSubstr("IMPORT"));
}

TEST_F(SchemaDutyTest, WhatGotAVersionOfItsOwnMeanwhileIsLeftAlone) {
  add("a", "A");
  duty_.set_duty(true);
  turn();
  duty_.set_handed_over(SchemaHandover{"me@host", {7}, ""});
  ask(target_, "DELETE", "/mode/a");
  ask(target_, "PUT", "/config/a", {{"compatibility", "NONE"}});
  ask(target_, "POST", "/subjects/a/versions", {{"schema", "\"string\""}});
  turn();
  duty_.set_handed_over({});
  turn();
  EXPECT_EQ(answer_of(target_, "GET", "/mode/a").status, 404);
  ASSERT_FALSE(duty_.status().differences.empty());
  EXPECT_EQ(duty_.status().differences[0].kind, DifferenceKind::only_on_target);
}

// Calls `hook` before the Nth import.
class HookedExchange final : public Exchange {
 public:
  HookedExchange(embedded::EmbeddedRegistry& registry, int nth, std::function<void()> hook)
      : registry_(registry), left_(nth), hook_(std::move(hook)) {}
  Result<HttpResponse, HttpFailure> send(const HttpRequest& request) override {
    if (request.method == "POST" && --left_ == 0) hook_();
    return registry_.send(request);
  }

 private:
  EmbeddedExchange registry_;
  std::atomic<int> left_;
  std::function<void()> hook_;
};

TEST_F(SchemaDutyTest, AHandOverEndsAPassInTheMiddle) {
  constexpr int kSubjects = 100;
  constexpr int kBefore = 10;
  for (int i = 0; i < kSubjects; ++i) add("s" + std::to_string(i), "S" + std::to_string(i));
  SchemaDuty* passing = nullptr;
  RegistrySettings settings;
  settings.urls = {"http://registry"};
  RegistryPorts ports{std::make_unique<HookedExchange>(
                          target_, kBefore,
                          [&] {
                            passing->set_handed_over(SchemaHandover{"me@host", {7}, ""});
                            EXPECT_FALSE(passing->is_at_rest());
                          }),
                      std::make_unique<NoPauses>()};
  SchemaDuty duty(every_subject(), client_of(source_),
                  std::make_unique<RegistryClient>(settings, std::move(ports), std::stop_token()),
                  clock_, {}, [](const SchemaStatus&) {});
  passing = &duty;
  duty.set_duty(true);
  duty.turn({});
  EXPECT_TRUE(duty.is_at_rest());
  EXPECT_LT(Json::parse(subjects()).size(),
            static_cast<std::size_t>(kBefore + 2 * kRequestsAtOnce));
  EXPECT_FALSE(duty.status().trouble);
}

TEST_F(SchemaDutyTest, ADifferenceIsNoTrouble) {
  add("a", "A");
  ask(target_, "POST", "/subjects/other/versions", {{"schema", "\"string\""}});  // takes id 1
  duty_.set_duty(true);
  turn();
  ASSERT_EQ(news_.size(), 1U);
  EXPECT_FALSE(news_[0].trouble);
  ASSERT_EQ(news_[0].differences.size(), 1U);
  EXPECT_EQ(news_[0].differences[0].kind, DifferenceKind::id_taken);
  EXPECT_EQ(turn(), milliseconds(1000));
  EXPECT_EQ(news_.size(), 1U);
}

TEST_F(SchemaDutyTest, APassOfSomeSubjectsLeavesTheDifferencesOfTheOthers) {
  ask(source_, "PUT", "/config", {{"compatibility", "FULL"}});
  ask(source_, "PUT", "/config/a", {{"compatibility", "NONE"}});
  add("a", "A");
  ask(target_, "POST", "/subjects/other/versions", {{"schema", "\"string\""}});  // takes id 1
  duty_.set_duty(true);
  turn();
  ASSERT_EQ(duty_.status().differences_total, 2);  // id_taken, default_config
  add("b", "B");
  turn();
  EXPECT_EQ(duty_.status().differences_total, 2);
  add("a", "A2");
  turn();
  EXPECT_EQ(duty_.status().imported_total, 2);
  EXPECT_EQ(duty_.status().differences_total, 2);
  EXPECT_EQ(duty_.status().differences.size(), 2U);
}

// Of a version that comes later, what it refers to is compared, too.
TEST_F(SchemaDutyTest, ANewVersionIsNotImportedWhereWhatItRefersToIsAnother) {
  add("common", "C");
  ask(target_, "PUT", "/mode/common", {{"mode", "IMPORT"}});
  ask(target_, "POST", "/subjects/common/versions",
      {{"schema", "\"string\""}, {"id", 9}, {"version", 1}});
  duty_.set_duty(true);
  turn();
  add("b", "B", Json::array({{{"name", "C"}, {"subject", "common"}, {"version", 1}}}));
  turn();
  EXPECT_EQ(subjects(), R"(["common"])");
  const auto status = duty_.status();
  EXPECT_EQ(status.differences_total, 2);
  ASSERT_EQ(status.differences.size(), 2U);
  EXPECT_EQ(status.differences[0].kind, DifferenceKind::reference_differs);
  EXPECT_EQ(status.differences[1].kind, DifferenceKind::other_schema);
}

TEST_F(SchemaDutyTest, ReservesTheNextForgottenIdBesideTheFirst) {
  const auto forget = [&](const std::string& subject) {
    add(subject, subject);
    ask(source_, "DELETE", "/subjects/" + subject);
    ask(source_, "DELETE", "/subjects/" + subject + "?permanent=true");
  };
  add("a", "A");
  forget("gone");  // id 2
  duty_.set_duty(true);
  turn();
  add("b", "B");
  forget("went");  // id 4
  turn();
  EXPECT_EQ(duty_.status().differences_total, 0);
  EXPECT_EQ(subjects(), R"(["a","b"])");
  EXPECT_EQ(ask(target_, "GET", "/subjects/longspan.reserved.ids/versions?deleted=true"), "[1,2]");
}

class ThrowingRegistry final : public WrappedRegistry {
 public:
  ThrowingRegistry(std::unique_ptr<Registry> other, const bool& throws)
      : WrappedRegistry(*other), owned_(std::move(other)), throws_(throws) {}
  RegistryResult<std::vector<std::int32_t>> versions(const Subject& subject,
                                                     bool with_deleted) override {
    if (throws_) throw std::bad_alloc();
    return WrappedRegistry::versions(subject, with_deleted);
  }
  RegistryResult<std::int32_t> import_schema(const RegisteredSchema& schema) override {
    if (throws_) throw std::bad_alloc();
    return WrappedRegistry::import_schema(schema);
  }

 private:
  const std::unique_ptr<Registry> owned_;
  const bool& throws_;
};

TEST_F(SchemaDutyTest, AnExceptionIsATrouble) {
  for (int i = 0; i < 40; ++i) add("s" + std::to_string(i), "R" + std::to_string(i));
  for (const bool is_source : {false, true}) {
    SCOPED_TRACE(is_source);
    bool throws = true;
    std::unique_ptr<Registry> source = client_of(source_);
    std::unique_ptr<Registry> target = client_of(target_);
    auto& wrapped = is_source ? source : target;
    wrapped = std::make_unique<ThrowingRegistry>(std::move(wrapped), throws);
    const auto duty = duty_of(std::move(source), std::move(target));
    EXPECT_EQ(duty->turn({}), milliseconds(1000));
    EXPECT_THAT(duty->status().trouble.value_or(""), HasSubstr("bad_alloc"));
    throws = false;
    duty->turn({});
    EXPECT_FALSE(duty->status().trouble);
    EXPECT_TRUE(duty->status().synced_at);
  }
}

// Answers the first import, and takes the duty away with it.
class EndingRegistry final : public WrappedRegistry {
 public:
  EndingRegistry(std::unique_ptr<Registry> other, std::function<void()> end)
      : WrappedRegistry(*other), owned_(std::move(other)), end_(std::move(end)) {}
  RegistryResult<std::int32_t> import_schema(const RegisteredSchema& schema) override {
    end_();
    return WrappedRegistry::import_schema(schema);
  }

 private:
  const std::unique_ptr<Registry> owned_;
  const std::function<void()> end_;
};

TEST_F(SchemaDutyTest, APassEndsWhenTheDutyIsTakenAway) {
  for (int i = 0; i < 40; ++i) add("s" + std::to_string(i), "R" + std::to_string(i));
  std::unique_ptr<SchemaDuty> duty;
  duty = duty_of(client_of(source_), std::make_unique<EndingRegistry>(
                                         client_of(target_), [&] { duty->set_duty(false); }));
  duty->turn({});
  EXPECT_EQ(duty->status().imported_total, 1);
  EXPECT_FALSE(duty->status().trouble);
  EXPECT_THAT(news_, IsEmpty());
}

class SilentRegistry final : public WrappedRegistry {
 public:
  SilentRegistry(std::unique_ptr<Registry> other, RegistryError error)
      : WrappedRegistry(*other), owned_(std::move(other)), error_(std::move(error)) {}
  RegistryResult<std::vector<std::int32_t>> versions(const Subject& subject,
                                                     bool with_deleted) override {
    if (is_silent && subject.name == "a") return error_;
    return WrappedRegistry::versions(subject, with_deleted);
  }
  RegistryResult<void> set_mode(const Subject& scope, const std::string& mode) override {
    if (is_silent && scope.name == "a") return error_;
    return WrappedRegistry::set_mode(scope, mode);
  }

  std::atomic<bool> is_silent = true;

 private:
  const std::unique_ptr<Registry> owned_;
  const RegistryError error_;
};

const RegistryError kNoAnswer{RegistryError::Kind::unreachable, 0, 0, "no answer", ""};

// Changes of one subject are never answered, nor made.
TEST_F(SchemaDutyTest, OneSubjectThatTheTargetDoesNotAnswerAboutIsTriedAgain) {
  for (const auto* name : {"a", "b", "c"}) add(name, name);
  auto owned = std::make_unique<SilentRegistry>(client_of(target_), kNoAnswer);
  auto& target = *owned;
  const auto duty = duty_of(client_of(source_), std::move(owned));
  for (const auto* news : {"d", "e"}) {
    EXPECT_EQ(duty->turn({}), SchemaDutyLimits().tick) << "no pause, as after a failed pass";
    const auto status = duty->status();
    EXPECT_FALSE(status.trouble);
    EXPECT_FALSE(status.synced_at);
    ASSERT_EQ(status.differences_total, 1);
    EXPECT_EQ(status.differences[0].kind, DifferenceKind::not_taken);
    EXPECT_EQ(status.differences[0].subject.name, "a");
    add(news, news);
    clock_.advance(SchemaDutyLimits().tick);
    duty->turn({});
    EXPECT_THAT(subjects(), HasSubstr(news)) << "what is new meanwhile is mirrored";
    clock_.advance(SchemaDutyLimits().pause_max);
  }
  target.is_silent = false;
  duty->turn({});
  EXPECT_EQ(subjects(), R"(["a","b","c","d","e"])");
  EXPECT_EQ(duty->status().differences_total, 0);
  EXPECT_TRUE(duty->status().synced_at);
}

TEST_F(SchemaDutyTest, IsNotSyncedWhereASubjectCannotBeReadUntilItCan) {
  const RegistryError hidden{RegistryError::Kind::forbidden, 403, 0, "hidden", ""};
  for (const auto& error : {hidden, kNoAnswer}) {
    for (const auto* name : {"a", "b"}) add(name, name);
    auto owned = std::make_unique<SilentRegistry>(client_of(source_), error);
    auto& source = *owned;
    const auto duty = duty_of(std::move(owned), client_of(target_));
    EXPECT_EQ(duty->turn({}), SchemaDutyLimits().tick);
    EXPECT_FALSE(duty->status().synced_at);
    EXPECT_FALSE(duty->status().trouble);
    EXPECT_EQ(subjects(), R"(["b"])");
    source.is_silent = false;
    clock_.advance(SchemaDutyLimits().full_interval);
    duty->turn({});
    EXPECT_TRUE(duty->status().synced_at);
    EXPECT_EQ(subjects(), R"(["a","b"])");
    for (const auto* what : {"/subjects/a", "/subjects/b"}) {
      ask(target_, "DELETE", what);
      ask(target_, "DELETE", std::string(what) + "?permanent=true");
    }
  }
}

TEST_F(SchemaDutyTest, WhatIsIncompatibleIsCountedOnceAndHeldBackIfSo) {
  add("a", "A");
  duty_.set_duty(true);
  turn();
  ask(source_, "PUT", "/config", {{"compatibility", "NONE"}});
  add("a", "A2");
  add("a", "A3");
  auto limits = without_waits();
  limits.on_incompatible = OnIncompatible::hold;
  const auto duty = duty_of(client_of(source_), client_of(target_), limits);
  for (int i = 0; i < 2; ++i) {
    duty->turn({});
    const auto status = duty->status();
    EXPECT_EQ(status.incompatible_total, 1);
    EXPECT_THAT(status.incompatible.value_or(""), HasSubstr("a version 2: the target's registry"));
    EXPECT_FALSE(status.synced_at);
    std::vector<std::string> held;
    for (const auto& each : status.differences) {
      if (each.kind == DifferenceKind::incompatible) held.push_back(each.reason);
      EXPECT_FALSE(each.can_be_ended);
    }
    ASSERT_EQ(held.size(), 2U);
    EXPECT_EQ(held[1], "it comes behind a version 2, which is held back");
    clock_.advance(minutes(5));
  }
  turn();
  EXPECT_EQ(duty_.status().incompatible_total, 2) << "told, and imported";
  EXPECT_EQ(ask(target_, "GET", "/subjects/a/versions"), "[1,2,3]");
}

}  // namespace
}  // namespace longspan
