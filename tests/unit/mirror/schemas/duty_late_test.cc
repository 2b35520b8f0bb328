// What the source has, and the duty did not get when it read: registered meanwhile, told by a
// follower that is behind, or not answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "mirror/schemas/duty.h"
#include "tests/fakes/embedded_exchange.h"
#include "tests/fakes/embedded_requests.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/mirror/schemas/wrapped_registry.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A source in front of the embedded one; of subject a it tells as a test says.
class LateSource final : public WrappedRegistry {
 public:
  explicit LateSource(std::unique_ptr<Registry> other)
      : WrappedRegistry(*other), owned_(std::move(other)) {}

  RegistryResult<std::vector<std::int32_t>> versions(const Subject& subject,
                                                     bool with_deleted) override {
    if (before_b && subject.name == "b" && begins_) {
      const auto give_up = std::chrono::steady_clock::now() + seconds(10);
      while (!is_a_read && std::chrono::steady_clock::now() < give_up) {
        std::this_thread::sleep_for(milliseconds(1));
      }
      std::exchange(before_b, nullptr)();
    }
    if (subject.name == "a" && is_silent) {
      return RegistryError{RegistryError::Kind::unreachable, 500, 50001, "broken", "x"};
    }
    auto out = WrappedRegistry::versions(subject, with_deleted);
    if (subject.name == "a" && out && is_behind && !out->empty()) out->pop_back();
    return out;
  }
  // The last thing that is asked about a subject.
  RegistryResult<std::optional<std::string>> config(const Subject& scope) override {
    if (scope.name == "a") is_a_read = true;
    return WrappedRegistry::config(scope);
  }
  RegistryResult<std::optional<std::int32_t>> max_id(std::int32_t known_id,
                                                     const Subject& seen_in) override {
    begins_ = true;
    return WrappedRegistry::max_id(known_id, seen_in);
  }

  std::function<void()> before_b;  // once a was read, before b is
  std::atomic<bool> is_behind = false;
  std::atomic<bool> is_silent = false;
  std::atomic<bool> is_a_read = false;

 private:
  const std::unique_ptr<Registry> owned_;
  std::atomic<bool> begins_ = false;
};

class SchemaDutyLate : public testing::Test {
 protected:
  SchemaDutyLate() {
    for (const auto* name : {"a", "b"}) {
      ask(source_, "PUT", std::string("/config/") + name, {{"compatibility", "NONE"}});
      add(name);
    }
    SubjectConfig config;
    config.subjects = *NamePatterns::make({".*"}, "schema.subjects");
    config.contexts = *NamePatterns::make({".*"}, "schema.contexts");
    config.rename = SubjectRename::none;
    limits_.read_again.assign(kReadAgain.size(), milliseconds(0));
    auto source = std::make_unique<LateSource>(client_of(source_));
    late_ = source.get();
    duty_ = std::make_unique<SchemaDuty>(SubjectRules(config, Naming(), TopicFilter()),
                                         std::move(source), client_of(target_), clock_, limits_,
                                         [](const SchemaStatus&) {});
    duty_->set_duty(true);
  }

  int add(const std::string& subject) {
    return add_schema(source_, subject, avro_fixed("N" + std::to_string(++added_)));
  }
  void turn() {
    clock_.advance(limits_.tick);
    duty_->turn({});
  }
  std::string versions(const std::string& subject) {
    return ask(target_, "GET", "/subjects/" + subject + "/versions");
  }

  SchemaDutyLimits limits_;
  embedded::EmbeddedRegistry source_;
  embedded::EmbeddedRegistry target_;
  FakeClock clock_;
  LateSource* late_ = nullptr;
  std::unique_ptr<SchemaDuty> duty_;
  int added_ = 0;
};

// Behind a its next version is registered, and then one of b that is read.
TEST_F(SchemaDutyLate, WhatIsRegisteredWhileAllIsReadIsFoundByTheNextTick) {
  late_->before_b = [this] {
    add("a");
    add("b");
  };
  turn();
  EXPECT_EQ(versions("b"), "[1,2]");
  EXPECT_EQ(versions("a"), "[1]");
  turn();
  EXPECT_EQ(versions("a"), "[1,2]");
}

TEST_F(SchemaDutyLate, AVersionThatAFollowerDoesNotListYetIsAskedForAgain) {
  turn();
  add("a");
  late_->is_behind = true;
  turn();
  EXPECT_EQ(versions("a"), "[1]");
  late_->is_behind = false;
  turn();
  EXPECT_EQ(versions("a"), "[1,2]");
}

TEST_F(SchemaDutyLate, OneThatNeverComesIsGivenUp) {
  turn();
  add("a");
  late_->is_behind = true;
  for (int i = 0; i < AwaitedVersions::kTries + 1; ++i) turn();
  late_->is_behind = false;
  turn();
  EXPECT_EQ(versions("a"), "[1]");
  clock_.advance(limits_.full_interval);
  turn();
  EXPECT_EQ(versions("a"), "[1,2]");
}

TEST_F(SchemaDutyLate, WhatWasHurriedForAndNotAnsweredIsTriedAgain) {
  turn();
  const int id = add("a");
  late_->is_silent = true;
  duty_->hurry({.ids = {{".", id}}});
  turn();
  EXPECT_EQ(versions("a"), "[1]");
  late_->is_silent = false;
  turn();
  EXPECT_EQ(versions("a"), "[1,2]");
}

// Not only when all are compared anyway.
TEST_F(SchemaDutyLate, ASubjectThatWasNotAnsweredIsComparedSoon) {
  late_->is_silent = true;
  turn();
  EXPECT_EQ(versions("b"), "[1]");
  late_->is_silent = false;
  clock_.advance(limits_.pause_max);
  turn();
  EXPECT_EQ(versions("a"), "[1]");
}

}  // namespace
}  // namespace longspan
