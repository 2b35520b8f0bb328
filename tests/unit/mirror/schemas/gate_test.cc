#include "mirror/schemas/gate.h"

#include <gtest/gtest.h>

#include <thread>

#include "mirror/schemas/reserved_ids.h"
#include "tests/fakes/embedded_exchange.h"
#include "tests/fakes/embedded_requests.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/mirror/schemas/wrapped_registry.h"

namespace longspan {
namespace {

// Answers for ids above 50.
class HalfDead final : public WrappedRegistry {
 public:
  using WrappedRegistry::WrappedRegistry;
  RegistryResult<std::optional<Schema>> schema(std::int32_t id, const Subject& seen_in) override {
    if (id > 50) return WrappedRegistry::schema(id, seen_in);
    ++failed;
    return RegistryError{};
  }
  std::atomic<int> failed{0};
};

class SchemaGateTest : public testing::Test {
 protected:
  IdState state(const SchemaWhich& which) { return state(gate_, which); }
  static IdState state(const SchemaGate& gate, const SchemaWhich& which) {
    const auto table = gate.table();
    const auto found = table->find(which);
    return found == table->end() ? IdState::unknown : found->second;
  }
  std::unique_ptr<SchemaGate> gate_of(const std::vector<std::string>& contexts,
                                      const std::string& target = "") {
    return std::make_unique<SchemaGate>(
        client_of(source_), client_of(target_),
        GateContexts{*NamePatterns::make(contexts, "schema.contexts"), target}, clock_, news());
  }

  embedded::EmbeddedRegistry source_;
  embedded::EmbeddedRegistry target_;
  FakeClock clock_;
  int changes_ = 0;
  SchemaHurry hurry_;  // all that the gate told
  int hurries_ = 0;
  SchemaGate gate_{client_of(source_), client_of(target_), {}, clock_, news()};

  GateNews news() {
    return {[this] { ++changes_; },
            [this](const SchemaHurry& hurry) {
              ++hurries_;
              hurry_.add(hurry);
            }};
  }
};

TEST_F(SchemaGateTest, KnowsNothingThatNobodyAskedFor) {
  add(target_, "A");
  EXPECT_FALSE(gate_.turn({}));
  EXPECT_EQ(state(1), IdState::unknown);
  EXPECT_EQ(changes_, 0);
}

TEST_F(SchemaGateTest, AsksTheTargetThenTheSource) {
  add(source_, "A");
  add(source_, "B");
  add(target_, "A");
  for (const auto id : {1, 2, 3}) gate_.ask(id);
  EXPECT_TRUE(gate_.turn({})) << "one is awaited";
  EXPECT_EQ(state(1), IdState::known);
  EXPECT_EQ(state(2), IdState::awaited);
  EXPECT_EQ(state(3), IdState::foreign);
  EXPECT_EQ(changes_, 3) << "once for each kind of answer";
}

// A hand-over reserves ids whose versions the target did not get.
TEST_F(SchemaGateTest, AnIdThatIsOnlyReservedIsNotKnown) {
  add(source_, "A");
  add(source_, "B");
  const auto what = placeholder({}, std::string(kDefaultContext), 2);
  ask(target_, "PUT", "/mode/" + what.subject.name + "?force=true", {{"mode", "IMPORT"}});
  ASSERT_TRUE(client_of(target_)->import_schema(what.unpacked()));
  ASSERT_TRUE(client_of(target_)->soft_delete({what.subject, what.version}));
  gate_.ask(2);
  EXPECT_TRUE(gate_.turn({}));
  EXPECT_EQ(state(2), IdState::awaited);
  gate_.ask(3);
  EXPECT_TRUE(gate_.turn({}));
  EXPECT_EQ(state(3), IdState::foreign) << "nor at the source";
}

TEST_F(SchemaGateTest, AnAwaitedIdIsAskedForUntilItIsThere) {
  add(source_, "A");
  gate_.ask(1);
  EXPECT_TRUE(gate_.turn({}));
  const auto before = gate_.generation();
  EXPECT_TRUE(gate_.turn({}));
  EXPECT_EQ(gate_.generation(), before) << "nothing changed";
  add(target_, "A");
  EXPECT_FALSE(gate_.turn({}));
  EXPECT_EQ(state(1), IdState::known);
  EXPECT_NE(gate_.generation(), before);
}

TEST_F(SchemaGateTest, WhatIsAwaitedIsToldOnce) {
  for (const auto* name : {"A", "B", "C"}) add(source_, name);
  add(target_, "A");
  for (const auto id : {1, 2, 3, 4}) gate_.ask(id);
  gate_.turn({});
  EXPECT_EQ(hurry_.ids, (std::set<std::pair<std::string, std::int32_t>>{{".", 2}, {".", 3}}));
  gate_.turn({});
  EXPECT_EQ(hurries_, 1);
}

TEST_F(SchemaGateTest, WithoutAnAnswerNothingIsKnownAndTheTroubleIsTold) {
  add(source_, "A");
  add(target_, "A");
  set_fault(target_, "unavailable=1");
  gate_.ask(1);
  EXPECT_TRUE(gate_.turn({}));
  EXPECT_EQ(state(1), IdState::unknown);
  ASSERT_TRUE(gate_.trouble());
  EXPECT_NE(gate_.trouble()->find("/schemas/ids/1"), std::string::npos) << *gate_.trouble();
}

TEST_F(SchemaGateTest, ItTellsSinceWhenARegistryIsSilent) {
  add(target_, "A");
  set_fault(target_, "unavailable=1");
  gate_.ask(1);
  gate_.turn({});
  const auto begun = clock_.steady();
  EXPECT_EQ(gate_.silent_since(), std::optional(begun));
  clock_.advance(std::chrono::seconds(5));
  gate_.turn({});
  EXPECT_EQ(gate_.silent_since(), std::optional(begun));
  set_fault(target_, "unavailable=0");
  gate_.turn({});
  EXPECT_FALSE(gate_.silent_since());
}

TEST_F(SchemaGateTest, WhatNobodyKnewIsNotForgottenWhileARegistryIsSilent) {
  gate_.ask(1);
  gate_.turn({});
  set_fault(target_, "unavailable=1");
  gate_.ask(2);
  gate_.turn({});
  clock_.advance(SchemaGate::kForeignFor);
  gate_.turn({});
  EXPECT_EQ(state(1), IdState::foreign);
}

TEST_F(SchemaGateTest, IdsThatAreNotAnsweredKeepNoOthersFromTheirs) {
  for (int i = 0; i < 100; ++i) add(target_, "S" + std::to_string(i));
  const auto client = client_of(target_);
  auto half = std::make_unique<HalfDead>(*client);
  const HalfDead& dead = *half;
  SchemaGate gate(client_of(source_), std::move(half), {}, clock_, {[] {}});
  for (int id = 1; id <= 100; ++id) gate.ask(id);
  gate.turn({});
  EXPECT_LE(dead.failed, SchemaGate::kFailuresMax + SchemaGate::kAskedAtOnce);
  for (int turn = 0; turn < 10; ++turn) gate.turn({});
  for (int id = 51; id <= 100; ++id) EXPECT_TRUE(gate.table()->contains(id)) << id;
}

TEST_F(SchemaGateTest, IdsAboveItsLimitAreNotTaken) {
  set_fault(target_, "unavailable=1");
  const auto many = static_cast<std::int32_t>(SchemaGate::kOpenMax) + 5;
  for (std::int32_t id = 1; id <= many; ++id) gate_.ask(id);
  set_fault(target_, "unavailable=0");
  EXPECT_FALSE(gate_.turn({}));
  EXPECT_EQ(gate_.table()->size(), SchemaGate::kOpenMax);
}

TEST_F(SchemaGateTest, WhatNobodyKnewIsAskedForAgainAfterAWhile) {
  gate_.ask(1);
  EXPECT_FALSE(gate_.turn({}));
  EXPECT_EQ(state(1), IdState::foreign);
  add(target_, "A");
  clock_.advance(SchemaGate::kForeignFor);
  EXPECT_FALSE(gate_.turn({}));
  EXPECT_EQ(state(1), IdState::unknown);
  gate_.ask(1);
  EXPECT_FALSE(gate_.turn({}));
  EXPECT_EQ(state(1), IdState::known);
}

TEST_F(SchemaGateTest, AGuidIsAskedForAsAnIdIs) {
  add(source_, "A");
  add(source_, "B");
  add(target_, "A");
  const auto a = guid_in(source_, "A");
  const auto b = guid_in(source_, "B");
  const auto none = guid_of_text("a9e1f9e6-3f5c-4f0e-8d38-2b7d1a6a0c11");
  for (const auto& guid : {a, b, none}) gate_.ask(guid);
  EXPECT_TRUE(gate_.turn({}));
  EXPECT_EQ(state(a), IdState::known);
  EXPECT_EQ(state(b), IdState::awaited);
  EXPECT_EQ(state(none), IdState::foreign);
  EXPECT_TRUE(hurry_.looks) << "which id it has is not known";
  EXPECT_FALSE(gate_.lacks_guids());
  add(target_, "B");
  EXPECT_FALSE(gate_.turn({}));
  EXPECT_EQ(state(b), IdState::known);
}

TEST_F(SchemaGateTest, WhereTheTargetHasNoGuidsNoneIsAwaited) {
  add(source_, "A");
  set_fault(target_, "no_guids");
  const auto a = guid_in(source_, "A");
  gate_.ask(a);
  const auto before = gate_.generation();
  EXPECT_FALSE(gate_.turn({}));
  EXPECT_EQ(state(a), IdState::unknown);
  EXPECT_TRUE(gate_.lacks_guids());
  EXPECT_FALSE(gate_.trouble());
  EXPECT_NE(gate_.generation(), before);
  // A newer one in its place.
  set_fault(target_, "no_guids=0");
  gate_.turn({});
  EXPECT_TRUE(gate_.lacks_guids());
  clock_.advance(SchemaGate::kForeignFor);
  gate_.turn({});
  EXPECT_FALSE(gate_.lacks_guids());
}

// Bytes that only look like one, for all that can be known.
TEST_F(SchemaGateTest, WhereTheSourceHasNoGuidsNoneIsAwaited) {
  add(source_, "A");
  set_fault(source_, "no_guids");
  const auto a = guid_in(source_, "A");
  gate_.ask(a);
  EXPECT_FALSE(gate_.turn({}));
  EXPECT_EQ(state(a), IdState::foreign);
  EXPECT_FALSE(gate_.lacks_guids());
}

TEST_F(SchemaGateTest, AnIdIsLookedUpInEachContext) {
  add(source_, ":.east:A", "A");
  add(source_, ":.west:A", "A");
  add(source_, ":.west:B", "B");
  add(source_, ":.north:A", "A");
  add(source_, ":.north:B", "B");
  add(source_, ":.north:C", "C");
  add(target_, ":.east:A", "A");
  const auto gate = gate_of({R"(\.(east|west)?)"});
  for (const auto id : {1, 2, 3}) gate->ask(id);
  gate->turn({});
  EXPECT_EQ(state(*gate, 1), IdState::known) << "one of them has it";
  EXPECT_EQ(state(*gate, 2), IdState::awaited);
  EXPECT_EQ(state(*gate, 3), IdState::foreign) << "only a context has it that is not mirrored";
  EXPECT_EQ(hurry_.ids, (std::set<std::pair<std::string, std::int32_t>>{{".west", 2}}));
  add(target_, ":.west:A", "A");
  add(target_, ":.west:B", "B");
  EXPECT_FALSE(gate->turn({}));
  EXPECT_EQ(state(*gate, 2), IdState::known);
}

TEST_F(SchemaGateTest, ANewContextIsFoundSoon) {
  add(source_, "A");
  const auto gate = gate_of({".*"});
  gate->ask(2);
  gate->turn({});
  EXPECT_EQ(state(*gate, 2), IdState::foreign);
  add(source_, ":.east:A", "A");
  add(source_, ":.east:B", "B");
  add(source_, ":.east:C", "C");
  clock_.advance(SchemaGate::kContextsFor);
  gate->ask(3);
  gate->turn({});
  EXPECT_EQ(state(*gate, 3), IdState::awaited);
}

TEST_F(SchemaGateTest, WhereAllAreMirroredToOneContextTheTargetIsAskedInThat) {
  add(source_, ":.east:A", "A");
  add(source_, ":.east:B", "B");
  add(target_, "A");
  add(target_, ":.from:A", "A");
  add(target_, "B");
  const auto gate = gate_of({".*"}, ".from");
  for (const auto id : {1, 2}) gate->ask(id);
  gate->turn({});
  EXPECT_EQ(state(*gate, 1), IdState::known);
  EXPECT_EQ(state(*gate, 2), IdState::awaited);
}

TEST_F(SchemaGateTest, ARegistryWithoutContextsHasTheDefaultOne) {
  set_fault(source_, "no_contexts");
  add(source_, "A");
  const auto gate = gate_of({".*"});
  gate->ask(1);
  gate->turn({});
  EXPECT_EQ(state(*gate, 1), IdState::awaited);
  EXPECT_FALSE(gate->trouble());
}

TEST_F(SchemaGateTest, ItsThreadAnswersWhoAsks) {
  add(target_, "A");
  std::jthread thread([this](const std::stop_token& stop) { gate_.run(stop); });
  gate_.ask(1);
  while (state(1) == IdState::unknown) std::this_thread::yield();
  EXPECT_EQ(state(1), IdState::known);
}

// The duty tells when it has mirrored something: who waits need not wait for kAskAgain, too.
TEST_F(SchemaGateTest, ItLooksAgainWhenItIsToldTo) {
  using Clock = std::chrono::steady_clock;
  add(source_, "A");
  gate_.ask(1);
  std::jthread thread([this](const std::stop_token& stop) { gate_.run(stop); });
  auto shortest = Clock::duration::max();
  for (int i = 0; i < 20; ++i) {
    while (state(i + 1) != IdState::awaited) std::this_thread::yield();
    add(target_, std::string(1, static_cast<char>('A' + i)));
    const auto begun = Clock::now();
    gate_.look_again();
    while (state(i + 1) != IdState::known) std::this_thread::yield();
    shortest = std::min(shortest, Clock::now() - begun);
    add(source_, std::string(1, static_cast<char>('B' + i)));
    gate_.ask(i + 2);
  }
  EXPECT_LT(shortest, SchemaGate::kAskAgain / 2);
}

}  // namespace
}  // namespace longspan
