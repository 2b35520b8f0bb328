// Causes behind the target: consumer groups that read the copies.
#include "lagcalc/text.h"
#include "lagcalc/why/rules.h"

namespace longspan::why {
namespace {

// Twice the 60 s between two commits of a Kafka Connect sink (offset.flush.interval.ms).
constexpr std::int64_t kSlowMs = 120'000;
// A rebalance of the classic protocol takes up to max.poll.interval.ms, mostly seconds.
constexpr std::int64_t kRebalancingMs = 60'000;

Diagnosis of(Cause cause, Severity severity, const GroupFacts& group) {
  Diagnosis out{
      cause, severity, Confidence::certain, {ScopeKind::group, group.group, group.topic}, {}};
  out.evidence.push_back({"groups[].state", std::string(name(group.state))});
  if (group.offset_lag) out.evidence.push_back({"groups[].offset_lag", group.offset_lag->count});
  if (group.head_age_ms)
    out.evidence.push_back({"groups[].head_age_s", static_cast<double>(*group.head_age_ms) / 1000});
  if (group.commit_age_ms) out.evidence.push_back({"groups[].commit_age_ms", *group.commit_age_ms});
  if (group.worst_partition) {
    out.evidence.push_back({"groups[].worst_partition", std::int64_t{*group.worst_partition}});
  }
  return out;
}

// How long it waits, at least; absent: not known.
std::optional<std::int64_t> waits_ms(const GroupFacts& group) {
  return group.head_age_ms ? group.head_age_ms : group.commit_age_ms;
}

template <class Look>
Answer in_groups(const FlowFacts& facts, Look look) {
  std::vector<std::pair<std::int64_t, Diagnosis>> found;
  bool is_known = !facts.groups.empty();
  for (const GroupFacts& group : facts.groups) {
    is_known = is_known && group.state != GroupState::unknown && group.offset_lag;
    if (!group.offset_lag || group.offset_lag->count == 0) continue;
    if (auto one = look(group)) found.emplace_back(group.offset_lag->count, std::move(*one));
  }
  if (found.empty() && !is_known) return std::nullopt;
  return worst(std::move(found));
}

std::string behind(const GroupFacts& group) {
  return count_text(group.offset_lag->count) + " records of " + group.topic;
}

}  // namespace

Answer sink_stopped(const FlowFacts& facts) {
  return in_groups(facts, [](const GroupFacts& group) -> std::optional<Diagnosis> {
    const bool is_gone = group.state == GroupState::empty || group.state == GroupState::dead;
    if (!is_gone || waits_ms(group).value_or(kLateMs) < kLateMs) return std::nullopt;
    // Groups that nobody needs any more look the same.
    Diagnosis out = of(Cause::sink_stopped, Severity::warning, group);
    out.what = "group " + group.group + " has no members, and " + behind(group) + " wait for it";
    return out;
  });
}

Answer sink_rebalancing(const FlowFacts& facts) {
  return in_groups(facts, [](const GroupFacts& group) -> std::optional<Diagnosis> {
    if (group.state != GroupState::rebalancing) return std::nullopt;
    const bool is_long = waits_ms(group).value_or(0) >= kRebalancingMs;
    Diagnosis out =
        of(Cause::sink_rebalancing, is_long ? Severity::warning : Severity::info, group);
    out.what = "group " + group.group + " deals out its partitions, and reads none of " +
               behind(group) + " meanwhile";
    return out;
  });
}

Answer sink_slow(const FlowFacts& facts) {
  return in_groups(facts, [](const GroupFacts& group) -> std::optional<Diagnosis> {
    // An old commit alone says nothing: there may have been nothing to read until now.
    const auto waits = group.head_age_ms;
    if (group.state != GroupState::stable || waits.value_or(0) < kSlowMs) return std::nullopt;
    Diagnosis out = of(Cause::sink_slow, Severity::warning, group);
    out.what = "group " + group.group + " has " + behind(group) + " before it, for " +
               duration_text(*waits);
    if (group.catch_up_ms) {
      out.severity = Severity::info;
      out.eta_ms = group.catch_up_ms;
      out.evidence.push_back({"groups[].catch_up_ms", *group.catch_up_ms});
      out.what += "; it is caught up in " + duration_text(*group.catch_up_ms);
    }
    return out;
  });
}

}  // namespace longspan::why
