#include "mirror/schemas/gate.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "tests/fakes/embedded_exchange.h"
#include "tests/fakes/fake_clock.h"

namespace longspan {
namespace {

using Json = nlohmann::json;

class SchemaGateTest : public testing::Test {
 protected:
  // Ids count from 1 in each registry.
  static void add(embedded::EmbeddedRegistry& registry, const std::string& name) {
    embedded::Request request;
    request.method = "POST";
    request.path = "/subjects/" + name + "/versions";
    request.body = Json{{"schema", R"({"type":"fixed","size":4,"name":")" + name + "\"}"}}.dump();
    const auto answer = registry.answer(request);
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  static void fail(embedded::EmbeddedRegistry& registry, const std::string& word) {
    const auto set = registry.set_faults(std::span(&word, 1));
    ASSERT_TRUE(set) << set.error();
  }
  IdState state(std::int32_t id) {
    const auto table = gate_.table();
    const auto found = table->find(id);
    return found == table->end() ? IdState::unknown : found->second;
  }

  embedded::EmbeddedRegistry source_;
  embedded::EmbeddedRegistry target_;
  FakeClock clock_;
  int changes_ = 0;
  SchemaGate gate_{client_of(source_),    ".", client_of(target_), ".", clock_,
                   [this] {
                     ++changes_; }};
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

TEST_F(SchemaGateTest, WithoutAnAnswerNothingIsKnownAndTheTroubleIsTold) {
  add(source_, "A");
  add(target_, "A");
  fail(target_, "unavailable=1");
  gate_.ask(1);
  EXPECT_TRUE(gate_.turn({}));
  EXPECT_EQ(state(1), IdState::unknown);
  ASSERT_TRUE(gate_.trouble());
  EXPECT_NE(gate_.trouble()->find("/schemas/ids/1"), std::string::npos) << *gate_.trouble();
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

TEST_F(SchemaGateTest, ItsThreadAnswersWhoAsks) {
  add(target_, "A");
  std::jthread thread([this](const std::stop_token& stop) { gate_.run(stop); });
  gate_.ask(1);
  while (state(1) == IdState::unknown) std::this_thread::yield();
  EXPECT_EQ(state(1), IdState::known);
}

}  // namespace
}  // namespace longspan
