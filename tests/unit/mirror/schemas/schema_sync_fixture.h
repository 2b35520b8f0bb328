// tests/unit/mirror/schemas/schema_sync_fixture.h - two embedded registries, and what a test does
// with both: ask them, plan, sync.
//
// Threads: one.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "mirror/schemas/sync.h"
#include "tests/fakes/embedded_exchange.h"
#include "tests/unit/mirror/schemas/wrapped_registry.h"

namespace longspan {

// Six readings at once.
inline const std::vector<std::chrono::milliseconds> kNoWaits(kReadAgain.size());

class SchemaSyncFixture : public testing::Test {
 protected:
  using Json = nlohmann::json;

  static std::string ask(embedded::EmbeddedRegistry& registry, const std::string& method,
                         const std::string& path, const Json& body = {}) {
    embedded::Request request;
    request.method = method;
    const auto mark = path.find('?');
    request.path = path.substr(0, mark);
    if (mark != std::string::npos) request.query = path.substr(mark + 1);
    if (!body.is_null()) request.body = body.dump();
    const auto answer = registry.answer(request);
    EXPECT_EQ(answer.status, 200) << method << " " << path << ": " << answer.body;
    return answer.body;
  }

  void add(const std::string& subject, const std::string& schema, const Json& references = {}) {
    Json body{{"schema", schema}};
    if (!references.is_null()) body["references"] = references;
    ask(source_, "POST", "/subjects/" + subject + "/versions", body);
  }

  static std::string record(const std::string& name, int fields) {
    Json schema{{"type", "record"}, {"name", name}, {"fields", Json::array()}};
    for (int i = 0; i < fields; ++i) {
      schema["fields"].push_back(
          {{"name", "f" + std::to_string(i)}, {"type", "long"}, {"default", 0}});
    }
    return schema.dump();
  }

  void set_fault(const std::string& word) {
    const auto set = target_.set_faults(std::span(&word, 1));
    ASSERT_TRUE(set) << set.error();
  }

  SchemaPlan plan() {
    const auto every = [](const Subject& subject) { return subject.name != kReservedSubject; };
    auto source = read_inventory({.registry = *source_client_, .wants = every});
    auto target =
        read_inventory({.registry = *target_client_, .wants = [](const Subject&) { return true; }});
    EXPECT_TRUE(source) << source.error().text();
    EXPECT_TRUE(target) << target.error().text();
    return make_plan(*source, *target, {[](const Subject& subject) { return subject; }});
  }

  static SyncOutcome sync_to(Registry& target, const SchemaPlan& plan) {
    return run_sync({.target = target, .read_again = kNoWaits}, plan);
  }
  SyncOutcome sync() { return sync_to(*target_client_, plan()); }

  static std::size_t done(const SyncOutcome& outcome, StepKind kind) {
    return outcome.done[static_cast<std::size_t>(kind)];
  }

  static std::string text(const SyncOutcome& outcome) {
    std::string out = outcome.refused.value_or("") + "\n";
    if (outcome.lost) out += outcome.lost->text() + "\n";
    for (const auto& each : outcome.failures) {
      out += each.subject.text() + " " + std::to_string(each.version) + ": " + each.reason + "\n";
    }
    return out;
  }

  void expect_equal() {
    const auto left = plan();
    for (const auto& each : left.differences) {
      ADD_FAILURE() << name(each.kind) << " " << each.subject.text() << " " << each.version << ": "
                    << each.reason;
    }
  }

  embedded::EmbeddedRegistry source_;
  embedded::EmbeddedRegistry target_;
  std::unique_ptr<RegistryClient> source_client_ = client_of(source_);
  std::unique_ptr<RegistryClient> target_client_ = client_of(target_);
};

}  // namespace longspan
