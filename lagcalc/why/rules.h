// lagcalc/why/rules.h - one function a cause: does it hold, by what is known?
//
// An absent answer says that a fact it needs is not known; an empty one that it does not hold.
//
// Errors:  none.
// Threads: pure functions.
// Limits:  of one cause the worst kPerCauseMax; the last of them says how many more there are.
// Source:  ARCHITECTURE.md, "Why a flow is late".
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lagcalc/why/diagnosis.h"
#include "lagcalc/why/facts.h"

namespace longspan::why {

using Answer = std::optional<std::vector<Diagnosis>>;
inline const Answer kNo = std::vector<Diagnosis>();

inline constexpr std::size_t kPerCauseMax = 10;

// A mirror that keeps up is behind by its round trip and what it batches, far below a second; rates
// need some ten seconds to be worth something. Below this nobody is late.
inline constexpr std::int64_t kLateMs = 10'000;

// By longspan's clock where it is known, else by the record's own and the rates.
[[nodiscard]] std::optional<bool> is_late(const PartitionFacts& partition);
// Whether any is; absent: of none it is known, or one that is not known may be.
[[nodiscard]] std::optional<bool> is_late(const FlowFacts& facts);
// Warning where the flow is late, else for information.
[[nodiscard]] Severity severity_if_late(const FlowFacts& facts);
[[nodiscard]] DiagnosisScope scope_of(const TopicPartition& partition);
[[nodiscard]] std::string percent_text(double ratio);  // "82 %"
// The worst kPerCauseMax by `badness`, the rest counted.
template <class Badness>
[[nodiscard]] std::vector<Diagnosis> worst(std::vector<std::pair<Badness, Diagnosis>> all) {
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<Diagnosis> out;
  for (auto& [badness, diagnosis] : all) {
    if (out.size() == kPerCauseMax) break;
    out.push_back(std::move(diagnosis));
  }
  if (!out.empty()) out.back().more = static_cast<std::int64_t>(all.size() - out.size());
  return out;
}

// What `look` finds in each partition: how bad, and what. Where it finds nothing, and `knows` not
// all of them, there is no answer.
template <class Knows, class Look>
[[nodiscard]] Answer in_partitions(const FlowFacts& facts, Knows knows, Look look) {
  std::vector<std::pair<std::int64_t, Diagnosis>> found;
  bool is_known = !facts.partitions.empty();
  for (const PartitionFacts& partition : facts.partitions) {
    is_known = is_known && knows(partition);
    if (auto one = look(partition)) found.push_back(std::move(*one));
  }
  if (found.empty() && !is_known) return std::nullopt;
  return worst(std::move(found));
}
using Finding = std::optional<std::pair<std::int64_t, Diagnosis>>;

// rules_cluster.cc
Answer target_unreachable(const FlowFacts& facts);
Answer source_unreachable(const FlowFacts& facts);
Answer not_running(const FlowFacts& facts);
Answer ownership_moving(const FlowFacts& facts);
Answer source_throttled(const FlowFacts& facts);
Answer target_throttled(const FlowFacts& facts);
Answer clock_step(const FlowFacts& facts);
// rules_partition.cc
Answer source_leaderless(const FlowFacts& facts);
Answer hung_transaction(const FlowFacts& facts);
Answer target_unwritable(const FlowFacts& facts);
Answer parked_partition(const FlowFacts& facts);
Answer paused(const FlowFacts& facts);
Answer schema_gate(const FlowFacts& facts);
// rules_mirror.cc
Answer own_throttle(const FlowFacts& facts);
Answer decompression_bound(const FlowFacts& facts);
Answer mirror_cpu(const FlowFacts& facts);
Answer memory_limit(const FlowFacts& facts);
Answer target_slow(const FlowFacts& facts);
Answer fetch_bound(const FlowFacts& facts);
// rules_load.cc
Answer skewed_keys(const FlowFacts& facts);
Answer hot_partition(const FlowFacts& facts);
Answer falling_behind(const FlowFacts& facts);
Answer catching_up(const FlowFacts& facts);
Answer keeping_up(const FlowFacts& facts);
// rules_connector.cc
Answer connector_dead(const FlowFacts& facts);
Answer connector_slow(const FlowFacts& facts);
Answer database_idle(const FlowFacts& facts);
// rules_sink.cc
Answer sink_stopped(const FlowFacts& facts);
Answer sink_rebalancing(const FlowFacts& facts);
Answer sink_slow(const FlowFacts& facts);

}  // namespace longspan::why
