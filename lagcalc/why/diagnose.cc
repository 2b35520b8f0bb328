#include "lagcalc/why/diagnose.h"

#include <algorithm>
#include <initializer_list>
#include <tuple>

#include "lagcalc/why/cause_table.h"

namespace longspan {
namespace {

struct Explanation {
  Cause root;
  std::initializer_list<Cause> symptoms;
};

// Roots before their symptoms; what a symptom of a symptom is, is said by its own row.
bool is_symptom(Cause root, Cause symptom) {
  using enum Cause;
  static const std::initializer_list<Explanation> kExplanations = {
      {target_unreachable,
       {not_running, ownership_moving, target_unwritable, parked_partition, target_throttled,
        memory_limit, target_slow, hot_partition, connector_dead, sink_stopped, sink_rebalancing,
        sink_slow, falling_behind, catching_up}},
      {source_unreachable,
       {source_leaderless, hung_transaction, parked_partition, source_throttled, fetch_bound,
        hot_partition, connector_dead, connector_slow, database_idle, falling_behind, catching_up}},
      {not_running,
       {ownership_moving, target_unwritable, parked_partition, schema_gate, hot_partition,
        connector_dead, falling_behind, catching_up, database_idle}},
      {ownership_moving, {hot_partition, falling_behind, catching_up}},
      {source_leaderless, {parked_partition, hot_partition, falling_behind}},
      {hung_transaction, {hot_partition, connector_dead, falling_behind, catching_up}},
      {target_unwritable, {memory_limit, target_slow, skewed_keys, hot_partition, falling_behind}},
      {parked_partition, {hot_partition, connector_dead, falling_behind}},
      {paused, {hot_partition, connector_dead, falling_behind}},
      {schema_gate, {hot_partition, falling_behind}},
      {own_throttle, {fetch_bound, hot_partition, falling_behind, catching_up}},
      {source_throttled, {fetch_bound, hot_partition, falling_behind, catching_up}},
      {target_throttled, {memory_limit, target_slow, hot_partition, falling_behind, catching_up}},
      {decompression_bound, {fetch_bound, hot_partition, falling_behind}},
      {mirror_cpu, {hot_partition, falling_behind}},
      {memory_limit, {hot_partition, falling_behind}},
      {target_slow, {hot_partition, sink_slow, falling_behind}},
      {fetch_bound, {falling_behind}},
      {skewed_keys, {hot_partition, falling_behind}},
      {hot_partition, {falling_behind, catching_up}},
      {connector_dead, {connector_slow, database_idle}},
      {sink_stopped, {sink_slow}},
      {sink_rebalancing, {sink_slow}},
      {clock_step, {connector_slow, sink_slow}},
  };
  for (const auto& [cause, symptoms] : kExplanations) {
    if (cause != root) continue;
    return std::find(symptoms.begin(), symptoms.end(), symptom) != symptoms.end();
  }
  return false;
}

bool is_wide(ScopeKind kind) {
  return kind != ScopeKind::topic && kind != ScopeKind::partition && kind != ScopeKind::group &&
         kind != ScopeKind::connector;
}

// A connector's topics begin with its name; its heartbeats may be in any topic.
bool is_about(const DiagnosisScope& root, const DiagnosisScope& symptom) {
  if (is_wide(root.kind) || is_wide(symptom.kind)) return true;
  if (root.kind == ScopeKind::connector || symptom.kind == ScopeKind::connector) {
    const auto& connector = root.kind == ScopeKind::connector ? root : symptom;
    const auto& other = root.kind == ScopeKind::connector ? symptom : root;
    return other.name == connector.name || other.topic.find(connector.name) != std::string::npos;
  }
  const bool is_pair = root.kind == ScopeKind::partition && symptom.kind == ScopeKind::partition;
  return is_pair ? root.name == symptom.name : root.topic == symptom.topic;
}

// The first one in the table that is no symptom of another one that would explain it, too.
void explain(std::vector<Diagnosis>& found) {
  for (Diagnosis& symptom : found) {
    for (const Diagnosis& root : found) {
      if (symptom.because_of || !is_symptom(root.cause, symptom.cause)) continue;
      if (!is_about(root.scope, symptom.scope)) continue;
      // What is only for information is no reason for what is more than that. But a slot that moves
      // warns by itself when it takes long: until then what stands still for it can wait, too.
      if (root.severity < symptom.severity && root.severity == Severity::info) {
        if (root.cause != Cause::ownership_moving) continue;
        symptom.severity = Severity::info;
      }
      symptom.because_of = root.cause;
    }
  }
}

void sort(std::vector<Diagnosis>& found) {
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    const auto rank = [](const Diagnosis& d) {
      return std::tuple(d.because_of.has_value(), -static_cast<int>(d.severity), d.cause);
    };
    return rank(a) < rank(b);
  });
}

bool contains(const std::vector<Diagnosis>& found, const Diagnosis& wanted) {
  return std::any_of(found.begin(), found.end(), [&](const Diagnosis& each) {
    return each.cause == wanted.cause && each.scope == wanted.scope;
  });
}

}  // namespace

bool explains(Cause root, Cause symptom) { return is_symptom(root, symptom); }

Diagnoses diagnose(const FlowFacts& facts) {
  Diagnoses out;
  for (const CauseRow& row : kCauseTable) {
    auto answer = row.rule(facts);
    if (!answer) {
      out.unknown.push_back(row.cause);
      continue;
    }
    std::move(answer->begin(), answer->end(), std::back_inserter(out.found));
  }
  explain(out.found);
  sort(out.found);
  return out;
}

Diagnoses merged(const Diagnoses& first, const Diagnoses& second) {
  Diagnoses out;
  out.found = first.found;
  for (const Diagnosis& each : second.found) {
    if (!contains(first.found, each)) out.found.push_back(each);
  }
  const bool is_late = std::any_of(out.found.begin(), out.found.end(), [](const Diagnosis& each) {
    return each.severity > Severity::info;
  });
  if (is_late) {
    std::erase_if(out.found, [](const auto& each) { return each.cause == Cause::keeping_up; });
  }
  explain(out.found);
  sort(out.found);
  for (const Cause cause : first.unknown) {
    const auto& other = second.unknown;
    if (std::find(other.begin(), other.end(), cause) != other.end()) out.unknown.push_back(cause);
  }
  return out;
}

}  // namespace longspan
