// lagcalc/why/diagnosis.h - one reason why a flow is late, with the numbers that led to it.
//
// Units:   milliseconds; evidence is in the unit of its name.
// Errors:  none.
// Threads: values.
// Source:  lagcalc/why/cause_table.h says what each cause means.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace longspan {

// In the order of kCauseTable: where nothing else decides, the first one is the one to look at.
enum class Cause : std::uint8_t {
  target_unreachable,
  source_unreachable,
  not_running,
  ownership_moving,
  source_leaderless,
  hung_transaction,
  target_unwritable,
  parked_partition,
  paused,
  schema_gate,
  own_throttle,
  source_throttled,
  target_throttled,
  decompression_bound,
  mirror_cpu,
  memory_limit,
  target_slow,
  fetch_bound,
  skewed_keys,
  hot_partition,
  connector_dead,
  connector_slow,
  sink_stopped,
  sink_rebalancing,
  sink_slow,
  clock_step,
  falling_behind,
  catching_up,
  database_idle,
  keeping_up,
};

enum class Severity : std::uint8_t { info = 1, warning, critical };
inline constexpr std::array kSeverities = {Severity::info, Severity::warning, Severity::critical};
[[nodiscard]] constexpr std::string_view name(Severity severity) {
  constexpr std::array<std::string_view, 4> kNames{"", "info", "warning", "critical"};
  return kNames[static_cast<std::size_t>(severity)];
}

// How sure it is, by what it rests on.
enum class Confidence : std::uint8_t {
  possible,  // it fits, and so may others
  likely,    // what else would look alike was ruled out as far as it is known
  certain,   // it was seen itself
};
inline constexpr std::array kConfidences = {Confidence::possible, Confidence::likely,
                                            Confidence::certain};
[[nodiscard]] constexpr std::string_view name(Confidence confidence) {
  constexpr std::array<std::string_view, kConfidences.size()> kNames{"possible", "likely",
                                                                     "certain"};
  return kNames[static_cast<std::size_t>(confidence)];
}

enum class ScopeKind : std::uint8_t {
  flow,
  source,
  target,
  process,
  topic,
  partition,
  group,
  connector,
  clock,
};
inline constexpr std::array kScopeKinds = {
    ScopeKind::flow,    ScopeKind::source,    ScopeKind::target,
    ScopeKind::process, ScopeKind::topic,     ScopeKind::partition,
    ScopeKind::group,   ScopeKind::connector, ScopeKind::clock};
[[nodiscard]] constexpr std::string_view name(ScopeKind kind) {
  constexpr std::array<std::string_view, kScopeKinds.size()> kNames{
      "flow", "source", "target", "process", "topic", "partition", "group", "connector", "clock"};
  return kNames[static_cast<std::size_t>(kind)];
}

// What is concerned.
struct DiagnosisScope {
  ScopeKind kind = ScopeKind::flow;
  std::string name = {};   // "orders:3", "warehouse"; empty for flow, source, target, process
  std::string topic = {};  // of a topic, a partition and a group
  friend bool operator==(const DiagnosisScope&, const DiagnosisScope&) = default;
};

// `name`: a metric of METRICS.md or a member of `longspan lag --json`.
struct Evidence {
  std::string name;
  std::variant<std::int64_t, double, std::string> value;
  friend bool operator==(const Evidence&, const Evidence&) = default;
};

struct Diagnosis {
  Cause cause{};
  Severity severity = Severity::info;
  Confidence confidence = Confidence::certain;
  DiagnosisScope scope;
  std::string what;  // a sentence without a full stop
  std::vector<Evidence> evidence = {};
  std::optional<std::int64_t> eta_ms = {};  // until it is over, at the present rates
  std::optional<Cause> because_of = {};     // another one of these that explains it
  std::int64_t more = 0;                    // of the same cause that are not listed
  friend bool operator==(const Diagnosis&, const Diagnosis&) = default;
};

// Best first: what explains others stands before them.
struct Diagnoses {
  std::vector<Diagnosis> found;
  std::vector<Cause> unknown;  // whose facts are not known: neither found nor ruled out
  friend bool operator==(const Diagnoses&, const Diagnoses&) = default;
};

}  // namespace longspan
