// tests/unit/mirror/schemas/schema_sync_fixture.h - two embedded registries, and what a test does
// with both: ask them, plan, sync.
//
// Threads: one.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "mirror/schemas/sync.h"
#include "tests/fakes/embedded_exchange.h"
#include "tests/fakes/embedded_requests.h"
#include "tests/unit/mirror/schemas/wrapped_registry.h"

namespace longspan {

// Six readings at once.
inline const std::vector<std::chrono::milliseconds> kNoWaits(kReadAgain.size());

class SchemaSyncFixture : public testing::Test {
 protected:
  using Json = nlohmann::json;

  void add(const std::string& subject, const std::string& schema, const Json& references = {}) {
    add_schema(source_, subject, schema, references);
  }
  // s0, s1, ... with a version each.
  void add_subjects(int count) {
    for (int i = 0; i < count; ++i) {
      add("s" + std::to_string(i), avro_record("R" + std::to_string(i), 1));
    }
  }

  SchemaPlan plan() {
    const auto every = [](const Subject& subject) { return subject.name != kReservedSubject; };
    auto source = read_inventory({.registry = *source_client_, .wants = every});
    EXPECT_TRUE(source) << source.error().text();
    std::set<Subject> wanted;
    for (const auto& [subject, entry] : source->subjects) wanted.insert(subject);
    auto target = read_inventory({.registry = *target_client_,
                                  .wants = [](const Subject&) { return true; },
                                  .contexts = contexts_of(wanted)});
    EXPECT_TRUE(target) << target.error().text();
    if (!target) return {};
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

  // "missing :.dr:a"
  static std::vector<std::string> told(const SchemaPlan& plan) {
    std::vector<std::string> out;
    for (const auto& each : plan.differences) {
      out.push_back(std::string(name(each.kind)) + " " + each.subject.text());
    }
    return out;
  }

  // Each step is accounted for once.
  static void expect_sums(const SyncOutcome& outcome, const SchemaPlan& plan) {
    std::size_t sum = outcome.failures.size() + outcome.skipped + outcome.not_read_back +
                      outcome.not_tried + outcome.held.size();
    for (const auto count : outcome.done) sum += count;
    EXPECT_EQ(sum, plan.imports.size() + plan.others.size()) << text(outcome);
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
