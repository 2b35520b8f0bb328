// Causes before the source: the database and its connector.
#include <string_view>

#include "lagcalc/text.h"
#include "lagcalc/why/rules.h"

namespace longspan::why {
namespace {

// Debezium polls each half a second and Connect flushes within seconds; two clocks that nobody
// measures are assumed to be within 0.2 s of each other.
constexpr std::int64_t kSlowMs = 10'000;
// A business that writes at all does so within a minute; for one that does not it is only
// information.
constexpr std::int64_t kIdleMs = 60'000;

bool is_of(std::string_view topic, std::string_view prefix) {
  return topic.starts_with(prefix) && topic.substr(prefix.size()).starts_with('.');
}

}  // namespace

Answer connector_dead(const FlowFacts& facts) {
  std::vector<std::pair<std::int64_t, Diagnosis>> found;
  bool is_known = !facts.connectors.empty();
  for (const ConnectorFacts& connector : facts.connectors) {
    is_known = is_known && connector.liveness != Liveness::unknown;
    if (connector.liveness != Liveness::dead) continue;
    Diagnosis out{Cause::connector_dead,
                  Severity::critical,
                  Confidence::likely,
                  {ScopeKind::connector, connector.prefix},
                  {}};
    out.what = "connector " + connector.prefix + " writes no heartbeats any more";
    if (connector.heartbeat_age_ms) {
      out.what += ", the last one " + duration_text(*connector.heartbeat_age_ms) + " ago";
      out.evidence.push_back({"connectors[].heartbeat_age_ms", *connector.heartbeat_age_ms});
    }
    if (connector.heartbeat_interval_ms) {
      out.evidence.push_back(
          {"connectors[].heartbeat_interval_ms", *connector.heartbeat_interval_ms});
    }
    found.emplace_back(connector.heartbeat_age_ms.value_or(0), std::move(out));
  }
  if (found.empty() && !is_known) return std::nullopt;
  return worst(std::move(found));
}

Answer connector_slow(const FlowFacts& facts) {
  std::vector<std::pair<std::int64_t, Diagnosis>> found;
  bool is_known = false;
  for (const TopicFacts& topic : facts.topics) {
    if (!topic.commit_to_connector_ms) continue;
    is_known = true;
    if (*topic.commit_to_connector_ms < kSlowMs) continue;
    Diagnosis out{Cause::connector_slow,
                  Severity::warning,
                  Confidence::possible,
                  {ScopeKind::topic, topic.topic, topic.topic},
                  {}};
    // Where its heartbeats come in time its clock is not the reason, or not by much.
    for (const ConnectorFacts& connector : facts.connectors) {
      const bool lives = connector.liveness == Liveness::alive;
      if (lives && is_of(topic.topic, connector.prefix)) out.confidence = Confidence::likely;
    }
    out.what = "changes of " + topic.topic + " take " +
               duration_text(*topic.commit_to_connector_ms) + " from their commit to the connector";
    out.evidence.push_back({"topics[].commit_to_connector_ms", *topic.commit_to_connector_ms});
    found.emplace_back(*topic.commit_to_connector_ms, std::move(out));
  }
  if (!is_known) return std::nullopt;
  return worst(std::move(found));
}

Answer database_idle(const FlowFacts& facts) {
  std::vector<std::pair<std::int64_t, Diagnosis>> found;
  bool is_known = !facts.connectors.empty();
  for (const ConnectorFacts& connector : facts.connectors) {
    const auto& age = connector.newest_commit_age_ms;
    is_known = is_known && age && connector.liveness != Liveness::unknown;
    // A heartbeat table is written to each interval: then it is not idle, and this says so.
    const auto least = std::max(kIdleMs, 2 * connector.heartbeat_interval_ms.value_or(0));
    if (!age || *age < least || connector.liveness != Liveness::alive) continue;
    Diagnosis out{Cause::database_idle,
                  Severity::info,
                  Confidence::likely,
                  {ScopeKind::connector, connector.prefix},
                  {}};
    out.what = "the database of connector " + connector.prefix +
               " commits nothing: the newest change is " + duration_text(*age) +
               " old, and the connector lives";
    out.evidence.push_back({"connectors[].newest_commit_age_ms", *age});
    found.emplace_back(*age, std::move(out));
  }
  if (found.empty() && !is_known) return std::nullopt;
  return worst(std::move(found));
}

}  // namespace longspan::why
