// tests/unit/mirror/schemas/duty_hurry_test.cc - what the duty does before its next tick: ids that
// records wait for, and what other processes' records may wait for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "mirror/schemas/duty.h"
#include "mirror/schemas/gate.h"
#include "tests/fakes/embedded_exchange.h"
#include "tests/fakes/embedded_requests.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/mirror/schemas/wrapped_registry.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

SubjectRules subjects_but(const std::string& excluded) {
  SubjectConfig config;
  config.subjects = *NamePatterns::make({".*"}, "schema.subjects");
  config.subjects_exclude = *NamePatterns::make({excluded}, "schema.subjects.exclude");
  config.contexts = *NamePatterns::make({".*"}, "schema.contexts");
  config.rename = SubjectRename::none;
  return {config, Naming(), TopicFilter()};
}

// Counts who asks for the users of ids, and runs a hook before the versions of a subject are read.
class CountingRegistry final : public WrappedRegistry {
 public:
  explicit CountingRegistry(std::unique_ptr<Registry> other)
      : WrappedRegistry(*other), owned_(std::move(other)) {}
  RegistryResult<std::vector<SubjectVersion>> users(std::int32_t id,
                                                    const Subject& seen_in) override {
    ++asked;
    return WrappedRegistry::users(id, seen_in);
  }
  RegistryResult<std::vector<std::int32_t>> versions(const Subject& subject,
                                                     bool with_deleted) override {
    if (before_versions) std::exchange(before_versions, nullptr)();
    return WrappedRegistry::versions(subject, with_deleted);
  }
  std::atomic<int> asked{0};
  std::function<void()> before_versions;

 private:
  const std::unique_ptr<Registry> owned_;
};

class SchemaHurryTest : public testing::Test {
 protected:
  SchemaHurryTest() {
    limits_.read_again.assign(kReadAgain.size(), milliseconds(0));
    add("first", "First");  // id 1
  }

  int add(const std::string& subject, const std::string& name) {
    return add_schema(source_, subject, avro_fixed(name));
  }
  void remove_for_good(const std::string& subject) {
    ask(source_, "DELETE", "/subjects/" + subject);
    ask(source_, "DELETE", "/subjects/" + subject + "?permanent=true");
  }
  SchemaDuty& make_duty() {
    auto counting = std::make_unique<CountingRegistry>(client_of(source_));
    counting_ = counting.get();
    duty_ = std::make_unique<SchemaDuty>(subjects_but("private.*"), std::move(counting),
                                         client_of(target_), clock_, limits_, [this](const auto&) {
                                           if (gate_) gate_->look_again();
                                         });
    duty_->set_duty(true);
    return *duty_;
  }
  bool has_target(int id) {
    return answer_of(target_, "GET", "/schemas/ids/" + std::to_string(id)).status == 200;
  }

  SchemaDutyLimits limits_;
  embedded::EmbeddedRegistry source_;
  embedded::EmbeddedRegistry target_;
  FakeClock clock_;
  CountingRegistry* counting_ = nullptr;
  std::unique_ptr<SchemaGate> gate_;
  std::unique_ptr<SchemaDuty> duty_;
};

TEST_F(SchemaHurryTest, MirrorsWhatUsesTheIdThatIsAwaited) {
  auto& duty = make_duty();
  duty.turn({});
  for (int i = 0; i < 3; ++i) add("gone" + std::to_string(i), "Gone" + std::to_string(i));
  const int id = add("orders", "Order");
  for (int i = 0; i < 3; ++i) remove_for_good("gone" + std::to_string(i));
  duty.turn({});
  EXPECT_FALSE(has_target(id)) << "an id that nobody uses hides those behind it";
  duty.hurry({.ids = {{".", id}}});
  duty.turn({});
  EXPECT_TRUE(has_target(id));
  EXPECT_EQ(duty.status().imported_total, 2);
}

TEST_F(SchemaHurryTest, WhatIsHurriedEndsTheHoleInFrontOfOthers) {
  auto& duty = make_duty();
  duty.turn({});
  add("gone", "Gone");
  const int behind = add("behind", "Behind");
  const int awaited = add("orders", "Order");
  remove_for_good("gone");
  duty.hurry({.ids = {{".", awaited}}});
  duty.turn({});
  EXPECT_TRUE(has_target(awaited));
  EXPECT_TRUE(has_target(behind));
}

// While orders is read, a version of another subject is given an id below one of its own.
TEST_F(SchemaHurryTest, WhatIsRegisteredWhileSubjectsAreReadIsFoundByTheNextTick) {
  auto& duty = make_duty();
  duty.turn({});
  ask(source_, "PUT", "/config/orders", {{"compatibility", "NONE"}});
  add("orders", "Order");
  int other = 0;
  int later = 0;
  counting_->before_versions = [&] {
    other = add("other", "Other");
    later = add("orders", "Order2");
  };
  duty.turn({});
  ASSERT_GT(later, other);
  ASSERT_TRUE(has_target(later));
  duty.turn({});
  EXPECT_TRUE(has_target(other));
}

TEST_F(SchemaHurryTest, WhatIsNotMirroredIsAskedForOnce) {
  auto& duty = make_duty();
  duty.turn({});
  const int id = add("private", "Private");
  duty.turn({});
  duty.hurry({.ids = {{".", id}}});
  const int before = counting_->asked;
  duty.turn({});
  EXPECT_EQ(counting_->asked - before, 2) << "its users, and those of the next id";
  duty.turn({});
  EXPECT_EQ(counting_->asked - before, 3);
  EXPECT_FALSE(has_target(id));
}

TEST_F(SchemaHurryTest, WhereRegistriesDoNotTellWhoUsesAnIdListsDo) {
  set_fault(source_, "other_id");
  auto& duty = make_duty();
  duty.turn({});
  duty.turn({});
  const int id = add("orders", "Order");
  duty.hurry({.ids = {{".", id}}});
  duty.turn({});
  EXPECT_TRUE(has_target(id));
}

TEST_F(SchemaHurryTest, OnlyWhoHasTheDutyHurries) {
  auto& duty = make_duty();
  duty.set_duty(false);
  duty.hurry({.looks = true});
  EXPECT_EQ(duty.turn({}), limits_.tick);
  duty.set_duty(true);
  duty.turn({});
  const int before = counting_->asked;
  duty.set_handed_over(SchemaHandover{"me@host", {7}, ""});
  duty.hurry({.looks = true});
  duty.turn({});
  EXPECT_EQ(counting_->asked, before);
}

TEST_F(SchemaHurryTest, WhereOtherProcessesWaitTheNextIdIsAskedForMoreOften) {
  auto& duty = make_duty();
  duty.turn({});
  EXPECT_EQ(duty.turn({}), limits_.tick);
  duty.set_others(true);
  EXPECT_EQ(duty.turn({}), limits_.probe);
  const int before = counting_->asked;
  duty.turn({});
  EXPECT_EQ(counting_->asked - before, 1);
  duty.set_others(false);
  EXPECT_EQ(duty.turn({}), limits_.tick);
}

TEST_F(SchemaHurryTest, WhereListsMustTellTheTickStays) {
  set_fault(source_, "other_id");
  auto& duty = make_duty();
  duty.set_others(true);
  duty.turn({});
  EXPECT_EQ(duty.turn({}), limits_.tick);
}

// --- with its thread ---

class RunningHurryTest : public SchemaHurryTest {
 protected:
  using Real = std::chrono::steady_clock;

  void run_duty() {
    thread_ = std::jthread([this](const std::stop_token& stop) { duty_->run(stop); });
    while (!has_target(1)) std::this_thread::yield();
  }
  // At most `patience`; false: the condition did not come.
  template <class Condition>
  static bool comes(const Condition& condition, milliseconds patience) {
    const auto deadline = Real::now() + patience;
    while (!condition()) {
      if (Real::now() >= deadline) return false;
      std::this_thread::sleep_for(milliseconds(1));
    }
    return true;
  }

  std::jthread thread_;
  std::jthread gate_thread_;
};

// A tick of a minute: only a hurry brings it. From the registration to what the gate knows.
TEST_F(RunningHurryTest, ANewSchemaArrivesWellBeforeATick) {
  limits_.tick = seconds(60);
  auto& duty = make_duty();
  GateNews news{[] {}, [&duty](const SchemaHurry& hurry) { duty.hurry(hurry); }};
  gate_ = std::make_unique<SchemaGate>(client_of(source_), client_of(target_), GateContexts{},
                                       clock_, news);
  run_duty();
  gate_thread_ = std::jthread([this](const std::stop_token& stop) { gate_->run(stop); });
  std::vector<Real::duration> took;
  for (int i = 0; i < 5; ++i) {
    const auto begun = Real::now();
    const int id = add("orders" + std::to_string(i), "Order" + std::to_string(i));
    gate_->ask(id);
    const auto is_known = [&] {
      const auto table = gate_->table();
      const auto found = table->find(id);
      return found != table->end() && found->second == IdState::known;
    };
    ASSERT_TRUE(comes(is_known, seconds(30))) << "only the tick would bring it";
    took.push_back(Real::now() - begun);
  }
  const auto shortest =
      std::chrono::duration_cast<milliseconds>(*std::min_element(took.begin(), took.end()));
  const auto longest =
      std::chrono::duration_cast<milliseconds>(*std::max_element(took.begin(), took.end()));
  RecordProperty("shortest_ms", std::to_string(shortest.count()));
  RecordProperty("longest_ms", std::to_string(longest.count()));
  std::printf("registered -> known: %lld to %lld ms\n", static_cast<long long>(shortest.count()),
              static_cast<long long>(longest.count()));
  EXPECT_LT(shortest, milliseconds(1'000)) << "the best of five, on a machine that is busy";
}

TEST_F(RunningHurryTest, RoundsKeepTheirPause) {
  limits_.tick = seconds(60);
  auto& duty = make_duty();
  run_duty();
  const int before = counting_->asked;
  const auto begun = Real::now();
  while (Real::now() - begun < milliseconds(500)) duty.hurry({.looks = true});
  const auto rounds = counting_->asked - before;  // one request each
  EXPECT_GE(rounds, 1);
  const auto at_most = (Real::now() - begun) / limits_.hurry_pause + 2;
  EXPECT_LE(rounds, at_most);
}

// A registry that was away: the gate has its answers again, and the duty would rest for a minute.
TEST_F(RunningHurryTest, AHurryShortensTheRestAfterTrouble) {
  limits_.pause_max = limits_.tick = seconds(60);
  limits_.pause_hurried_max = milliseconds(300);
  auto& duty = make_duty();
  run_duty();
  set_fault(target_, "unavailable=1");
  const int id = add("orders", "Order");
  duty.hurry({.ids = {{".", id}}});
  ASSERT_TRUE(comes([&] { return duty.status().trouble.has_value(); }, seconds(30)));
  set_fault(target_, "unavailable=0");
  EXPECT_TRUE(comes([&] { return has_target(id); }, seconds(30)));
  EXPECT_TRUE(comes([&] { return !duty.status().trouble; }, seconds(30)));
}

TEST_F(RunningHurryTest, ARegistryThatKeepsNoIdsIsNotHurried) {
  limits_.pause_max = limits_.tick = seconds(60);
  limits_.pause_hurried_max = milliseconds(1);
  set_fault(target_, "no_import");
  add("second", "Second");
  auto& duty = make_duty();
  thread_ = std::jthread([this](const std::stop_token& stop) { duty_->run(stop); });
  ASSERT_TRUE(comes([&] { return duty.status().trouble.has_value(); }, seconds(30)));
  EXPECT_THAT(*duty.status().trouble, HasSubstr("does not keep the ids"));
  const auto asked = counting_->asked.load();
  duty.hurry({.looks = true});
  EXPECT_FALSE(comes([&] { return counting_->asked > asked; }, milliseconds(300)));
}

}  // namespace
}  // namespace longspan
