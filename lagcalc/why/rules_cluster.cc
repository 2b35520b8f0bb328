// Causes in the clusters around the mirror, and in who runs it.
#include "lagcalc/text.h"
#include "lagcalc/why/rules.h"

namespace longspan::why {
namespace {

// A leader that moves or a broker that is restarted is silent for less.
constexpr std::int64_t kUnreachableMs = 5'000;
// A slot that is handed over in order takes 2.5 s at most, one of a dead process the session
// timeout (10 s) and its restoring.
constexpr std::int64_t kMovingMs = 60'000;
// What is behind just because a slot moved has caught up by then, or has another reason.
constexpr std::int64_t kMovedLatelyMs = 30'000;
// A quota is enforced over windows of seconds: less than a tenth of the time is its rounding.
constexpr double kThrottled = 0.1;
// Latencies of what was on its way, and windows of clocks, are wrong for about so long.
constexpr std::int64_t kStepShowsMs = 600'000;

Answer unreachable(Cause cause, ScopeKind kind, const SideFacts& side) {
  if (!side.answers) return std::nullopt;
  if (*side.answers || side.silent_ms.value_or(kUnreachableMs) < kUnreachableMs) return kNo;
  const bool is_source = kind == ScopeKind::source;
  Diagnosis out{cause, Severity::critical, Confidence::certain, {kind}, {}};
  const std::string cluster = std::string("the ") + (is_source ? "source" : "target") + " cluster ";
  out.what = side.silent_ms ? cluster + "has not answered for " + duration_text(*side.silent_ms)
                            : cluster + "does not answer";
  if (!side.trouble.empty()) out.what += ": " + side.trouble;
  out.evidence.push_back({is_source ? "source_trouble" : "target_trouble", side.trouble});
  if (side.silent_ms) {
    out.evidence.push_back({is_source ? "source_silent_ms" : "target_silent_ms", *side.silent_ms});
  }
  return Answer({std::move(out)});
}

Answer throttled(const FlowFacts& facts, Cause cause, ScopeKind kind, const SideFacts& side) {
  if (!side.throttle_ratio) return std::nullopt;
  if (*side.throttle_ratio < kThrottled) return kNo;
  const bool is_source = kind == ScopeKind::source;
  Diagnosis out{cause, severity_if_late(facts), Confidence::certain, {kind}, {}};
  out.what = std::string("brokers of the ") + (is_source ? "source" : "target") +
             " throttle this client by a quota, " + percent_text(*side.throttle_ratio) +
             " of the time";
  out.evidence.push_back({is_source ? "load.source_throttle_ratio" : "load.target_throttle_ratio",
                          *side.throttle_ratio});
  return Answer({std::move(out)});
}

}  // namespace

Answer target_unreachable(const FlowFacts& facts) {
  return unreachable(Cause::target_unreachable, ScopeKind::target, facts.target);
}

Answer source_unreachable(const FlowFacts& facts) {
  return unreachable(Cause::source_unreachable, ScopeKind::source, facts.source);
}

Answer not_running(const FlowFacts& facts) {
  if (!facts.is_running) return std::nullopt;
  if (*facts.is_running) return kNo;
  Diagnosis out{Cause::not_running, Severity::critical, Confidence::certain, {}, {}};
  out.what = "no process runs this flow";
  out.evidence.push_back({"running", std::int64_t{0}});
  if (facts.not_running_ms) {
    out.what = "no process has run this flow for " + duration_text(*facts.not_running_ms);
    out.evidence.push_back({"not_running_ms", *facts.not_running_ms});
  }
  return Answer({std::move(out)});
}

Answer ownership_moving(const FlowFacts& facts) {
  if (!facts.moving_slots) return std::nullopt;
  const bool moved_lately = facts.moved_ago_ms.value_or(kMovedLatelyMs) < kMovedLatelyMs;
  const bool shows = moved_lately && is_late(facts) == true;
  if (*facts.moving_slots == 0 && !shows) return kNo;
  Diagnosis out{Cause::ownership_moving, Severity::info, Confidence::likely, {}, {}};
  if (*facts.moving_slots > 0) {
    out.confidence = Confidence::certain;
    if (facts.moving_ms.value_or(0) >= kMovingMs) out.severity = Severity::warning;
    out.what = std::to_string(*facts.moving_slots) + " slots are between two processes";
  } else {
    out.what = "slots came to another process " + duration_text(*facts.moved_ago_ms) +
               " ago, and their partitions stood still meanwhile";
  }
  out.evidence.push_back({"moving_slots", std::int64_t{*facts.moving_slots}});
  if (facts.moving_ms) out.evidence.push_back({"slots_moving_ms", *facts.moving_ms});
  if (facts.moved_ago_ms) out.evidence.push_back({"slots_moved_ago_ms", *facts.moved_ago_ms});
  return Answer({std::move(out)});
}

Answer source_throttled(const FlowFacts& facts) {
  return throttled(facts, Cause::source_throttled, ScopeKind::source, facts.source);
}

Answer target_throttled(const FlowFacts& facts) {
  return throttled(facts, Cause::target_throttled, ScopeKind::target, facts.target);
}

Answer clock_step(const FlowFacts& facts) {
  if (facts.clocks.empty()) return std::nullopt;
  std::vector<std::pair<std::int64_t, Diagnosis>> found;
  for (const ClockFacts& clock : facts.clocks) {
    const auto ago = clock.stepped_ago_ms;
    // One that is only in doubt is not told: it is a step in a moment, or none.
    if (!ago || *ago >= kStepShowsMs) continue;
    Diagnosis out{Cause::clock_step,
                  Severity::warning,
                  Confidence::certain,
                  {ScopeKind::clock, clock.clock},
                  {}};
    out.what = "the clock " + clock.clock + " was set " + duration_text(*ago) +
               " ago: latencies across it are not what they seem";
    out.evidence.push_back({"clocks[].stepped_ago_ms", *ago});
    found.emplace_back(kStepShowsMs - *ago, std::move(out));
  }
  return worst(std::move(found));
}

}  // namespace longspan::why
