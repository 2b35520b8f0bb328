#include "cli/views/topic_sums.h"

#include <algorithm>

namespace longspan {
namespace {

template <class T, class F>
void fold(std::optional<T>& sum, const std::optional<T>& part, F with) {
  sum = sum && part ? std::optional(with(*sum, *part)) : std::nullopt;
}

template <class T>
T sum_of(T a, T b) {
  return a + b;
}

std::int64_t greater_of(std::int64_t a, std::int64_t b) { return std::max(a, b); }

}  // namespace

void TopicSums::add(const PartitionSnapshot& partition) {
  const auto* const state =
      std::find(kPartitionStates.begin(), kPartitionStates.end(), partition.state);
  by_state[static_cast<std::size_t>(state - kPartitionStates.begin())] += 1;
  if (!partition.offset_lag) unknown_lags += 1;
  fold(offset_lag, partition.offset_lag, sum_of<Records>);
  fold(head_age_ms, partition.head_age_ms, greater_of);
  const bool is_active = partition.state == PartitionState::active;
  fold(catch_up_ms, is_active ? partition.catch_up_ms : std::nullopt, greater_of);
  fold(records_per_second, partition.records_per_second, sum_of<double>);
  fold(bytes_per_second, partition.bytes_per_second, sum_of<double>);
  fold(source_records_per_second, partition.waits.source_records_per_second, sum_of<double>);
  const auto lag = partition.offset_lag.value_or(Records{0});
  if (lag > worst_lag.value_or(Records{0})) {
    worst_lag = lag;
    worst_partition = partition.source.partition;
  }
}

std::map<std::string_view, TopicSums> topic_sums(const FlowSnapshot& flow) {
  std::map<std::string_view, TopicSums> out;
  for (const auto& partition : flow.partitions) out[partition.source.topic].add(partition);
  return out;
}

}  // namespace longspan
