// What several rules ask.
#include "lagcalc/why/rules.h"

#include "lagcalc/lag.h"

namespace longspan::why {

std::optional<bool> is_late(const PartitionFacts& partition) {
  if (partition.offset_lag == Records{0}) return false;
  if (partition.behind_ms) return *partition.behind_ms >= kLateMs;
  if (partition.head_age_ms) {
    // The producer's word for it: it may have been old when it was written.
    return *partition.head_age_ms >= kLateMs &&
           !(partition.offset_lag &&
             passes_within(*partition.offset_lag, partition.records_per_second,
                           partition.source_records_per_second, kLateMs));
  }
  return std::nullopt;
}

std::optional<bool> is_late(const FlowFacts& facts) {
  std::optional<bool> late;
  bool is_known = !facts.partitions.empty();
  for (const auto& partition : facts.partitions) {
    late = is_late(partition);
    if (late == true) return true;
    is_known = is_known && late;
  }
  return is_known ? std::optional(false) : std::nullopt;
}

Severity severity_if_late(const FlowFacts& facts) {
  return is_late(facts) == true ? Severity::warning : Severity::info;
}

DiagnosisScope scope_of(const TopicPartition& partition) {
  return {ScopeKind::partition, partition.text(), partition.topic};
}

std::string percent_text(double ratio) {
  return std::to_string(static_cast<int>(ratio * 100)) + " %";
}

}  // namespace longspan::why
