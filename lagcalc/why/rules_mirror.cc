// Causes in the mirror itself: what bounds it where nothing is broken.
#include "lagcalc/text.h"
#include "lagcalc/why/rules.h"

namespace longspan::why {
namespace {

// Of a thread's time. Above it there is no room left for a load that varies.
constexpr double kBusy = 0.85;
// More than half of the time: what it waits for then decides the speed.
constexpr double kMostly = 0.5;
// Below this a round trip is no distance: what waits longer waits for the broker itself.
constexpr std::int64_t kFarMs = 20;
// An acknowledgement that takes more than this many times the best one stood in a queue.
constexpr std::int64_t kSlowTimes = 3;
// An acknowledgement within a second is what a distant target with replicas may take.
constexpr std::int64_t kSlowMs = 1'000;
// Of the bound on what is in flight: requests end one by one, so it is never quite full.
constexpr double kFull = 0.8;

Answer busy(const FlowFacts& facts, Cause cause, const std::optional<double>& ratio,
            const char* evidence, const std::string& what) {
  if (!ratio) return std::nullopt;
  if (*ratio < kBusy) return kNo;
  Diagnosis out{cause, severity_if_late(facts), Confidence::likely, {ScopeKind::process}, {}};
  out.what = what + ", " + percent_text(*ratio) + " of a core";
  out.evidence.push_back({evidence, *ratio});
  return Answer({std::move(out)});
}

// Whether acknowledgements take longer than the way alone; absent: not known.
std::optional<bool> takes_long(const FlowFacts& facts) {
  if (facts.is_window_reduced == true) return true;
  if (!facts.is_window_reduced || !facts.acknowledgement_ms) return std::nullopt;
  const auto way =
      std::max(facts.best_acknowledgement_ms.value_or(0), facts.target.round_trip_ms.value_or(0));
  return *facts.acknowledgement_ms > std::max(kSlowMs, kSlowTimes * way);
}

bool is_busy(const FlowFacts& facts) {
  return facts.shard_cpu_ratio.value_or(0) >= kBusy ||
         facts.source.client_cpu_ratio.value_or(0) >= kBusy;
}

}  // namespace

Answer own_throttle(const FlowFacts& facts) {
  const auto look = [](const PartitionFacts& p) -> Finding {
    if (p.is_throttled != true) return std::nullopt;
    const auto severity = is_late(p) == true ? Severity::warning : Severity::info;
    Diagnosis out{Cause::own_throttle, severity, Confidence::certain, scope_of(p.source), {}};
    out.what = p.source.text() + " is held back by a throttle of the file";
    out.evidence.push_back({"partitions[].reason", p.reason});
    if (p.offset_lag) out.evidence.push_back({"partitions[].offset_lag", p.offset_lag->count});
    return {{p.offset_lag.value_or(Records{}).count, std::move(out)}};
  };
  return in_partitions(
      facts, [](auto& p) { return p.is_throttled.has_value(); }, look);
}

Answer decompression_bound(const FlowFacts& facts) {
  return busy(
      facts, Cause::decompression_bound, facts.source.client_cpu_ratio,
      "load.source_client_cpu_ratio",
      "the thread that fetches, decompresses and checks batches of a source broker is busy");
}

Answer mirror_cpu(const FlowFacts& facts) {
  return busy(facts, Cause::mirror_cpu, facts.shard_cpu_ratio, "load.shard_cpu_ratio",
              "a thread that mirrors is busy");
}

Answer memory_limit(const FlowFacts& facts) {
  if (!facts.target_wait_ratio || !facts.in_flight_bytes || !facts.in_flight_bytes_max) {
    return std::nullopt;
  }
  const bool is_full = static_cast<double>(*facts.in_flight_bytes) >=
                       kFull * static_cast<double>(*facts.in_flight_bytes_max);
  if (*facts.target_wait_ratio < kMostly || !is_full) return kNo;
  const auto is_slow = takes_long(facts);
  if (!is_slow) return std::nullopt;
  if (*is_slow) return kNo;
  Diagnosis out{
      Cause::memory_limit, severity_if_late(facts), Confidence::likely, {ScopeKind::process}, {}};
  out.what = "all that memory.limit allows is on its way to the target (" +
             bytes_text(*facts.in_flight_bytes) + "), which answers as fast as it can";
  out.evidence = {{"load.target_wait_ratio", *facts.target_wait_ratio},
                  {"load.in_flight_bytes", *facts.in_flight_bytes},
                  {"load.in_flight_bytes_max", *facts.in_flight_bytes_max}};
  return Answer({std::move(out)});
}

Answer target_slow(const FlowFacts& facts) {
  if (!facts.target_wait_ratio) return std::nullopt;
  if (*facts.target_wait_ratio < kMostly) return kNo;
  const auto is_slow = takes_long(facts);
  if (!is_slow) return std::nullopt;
  if (!*is_slow) return kNo;
  Diagnosis out{
      Cause::target_slow, severity_if_late(facts), Confidence::likely, {ScopeKind::target}, {}};
  out.what = "the target takes records more slowly than they come: " +
             percent_text(*facts.target_wait_ratio) + " of the time the mirror waits for it";
  out.evidence.push_back({"load.target_wait_ratio", *facts.target_wait_ratio});
  if (facts.acknowledgement_ms) {
    out.evidence.push_back({"load.acknowledgement_ms", *facts.acknowledgement_ms});
  }
  if (facts.best_acknowledgement_ms) {
    out.evidence.push_back({"load.best_acknowledgement_ms", *facts.best_acknowledgement_ms});
  }
  return Answer({std::move(out)});
}

// Late, not busy, and what there is was handed on: each further byte has to come from far away.
Answer fetch_bound(const FlowFacts& facts) {
  const auto late = is_late(facts);
  const bool is_known = facts.source_wait_ratio && facts.source.round_trip_ms && late;
  if (!is_known || !facts.shard_cpu_ratio) return std::nullopt;
  const bool waits = *facts.source_wait_ratio >= kMostly && *late && !is_busy(facts);
  if (!waits || *facts.source.round_trip_ms < kFarMs) return kNo;
  Diagnosis out{
      Cause::fetch_bound, Severity::warning, Confidence::possible, {ScopeKind::source}, {}};
  // Only where what else holds a fetch back was looked for.
  if (facts.source.throttle_ratio && facts.source.client_cpu_ratio) {
    out.confidence = Confidence::likely;
  }
  out.what = "the mirror waits for answers of the source " +
             percent_text(*facts.source_wait_ratio) + " of the time; each takes a round trip of " +
             duration_text(*facts.source.round_trip_ms) + ", and the line may be full";
  out.evidence = {{"load.source_wait_ratio", *facts.source_wait_ratio},
                  {"load.source_round_trip_ms", *facts.source.round_trip_ms}};
  return Answer({std::move(out)});
}

}  // namespace longspan::why
