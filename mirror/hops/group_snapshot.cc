#include "mirror/hops/group_snapshot.h"

#include <algorithm>
#include <numeric>

namespace longspan {
namespace {

// The greater of both, as far as it is known.
std::optional<AgeRange> greater(const std::optional<AgeRange>& a,
                                const std::optional<AgeRange>& b) {
  if (!a || !b) return std::nullopt;
  return AgeRange{std::max(a->low_us, b->low_us), std::max(a->high_us, b->high_us)};
}

std::optional<std::int64_t> greater(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  if (!a || !b) return std::nullopt;
  return std::max(*a, *b);
}

}  // namespace

void GroupSnapshot::add(const GroupPartitionSnapshot& partition) {
  const GroupLag& lag = partition.lag;
  ++partitions_by_state[static_cast<std::size_t>(lag.state)];
  head_age = greater(head_age, lag.head_age);
  waits_us = std::max(waits_us, lag.head_age ? std::optional(lag.head_age->low_us) : lag.waits_us);
  catch_up_ms = greater(catch_up_ms, lag.catch_up_ms);
  if (!lag.offset_lag) {
    ++unknown_lags;
    return;
  }
  offset_lag += *lag.offset_lag;
  if (worst_partition && *lag.offset_lag <= worst_lag) return;
  worst_partition = partition.partition;
  worst_lag = *lag.offset_lag;
}

std::optional<Records> GroupSnapshot::known_lag() const {
  const auto count =
      std::accumulate(partitions_by_state.begin(), partitions_by_state.end(), std::int64_t{0});
  if (unknown_lags >= count) return std::nullopt;
  return offset_lag;
}

void GroupSnapshot::forget_ends() {
  unknown_lags =
      std::accumulate(partitions_by_state.begin(), partitions_by_state.end(), std::int64_t{0});
  offset_lag = {};
  head_age.reset();
  waits_us.reset();
  catch_up_ms.reset();
  worst_partition.reset();
  worst_lag = {};
  for (GroupPartitionSnapshot& each : partitions) {
    each.lag.offset_lag.reset();
    each.lag.head_age.reset();
    each.lag.waits_us.reset();
    each.lag.catch_up_ms.reset();
  }
}

void GroupSnapshot::merge(const GroupSnapshot& other) {
  for (std::size_t i = 0; i < partitions_by_state.size(); ++i) {
    partitions_by_state[i] += other.partitions_by_state[i];
  }
  if (state == GroupState::unknown) state = other.state;
  head_age = greater(head_age, other.head_age);
  waits_us = std::max(waits_us, other.waits_us);
  catch_up_ms = greater(catch_up_ms, other.catch_up_ms);
  offset_lag += other.offset_lag;
  unknown_lags += other.unknown_lags;
  if (other.worst_partition && (!worst_partition || other.worst_lag > worst_lag)) {
    worst_partition = other.worst_partition;
    worst_lag = other.worst_lag;
  }
  latency.merge(other.latency);
  if (recent && other.recent) {
    recent->merge(*other.recent);
  } else if (other.recent) {
    recent = other.recent;
  }
  partitions.insert(partitions.end(), other.partitions.begin(), other.partitions.end());
  std::sort(partitions.begin(), partitions.end(),
            [](const auto& a, const auto& b) { return a.partition < b.partition; });
  partitions_not_shown += other.partitions_not_shown;
}

}  // namespace longspan
