#include "mirror/why/load.h"

#include <algorithm>

namespace longspan {

// nullopt is less than any value: what is known of one is known of both.
void ClientLoad::merge(const ClientLoad& other) {
  cpu_ratio = std::max(cpu_ratio, other.cpu_ratio);
  throttle_ratio = std::max(throttle_ratio, other.throttle_ratio);
}

void LoadSnapshot::merge(const LoadSnapshot& other) {
  const bool waits_more = target_wait_ratio < other.target_wait_ratio;
  if (waits_more || !in_flight_bytes) {
    in_flight_bytes = other.in_flight_bytes;
    in_flight_bytes_max = other.in_flight_bytes_max;
    is_window_reduced = other.is_window_reduced;
    acknowledgement_ms = other.acknowledgement_ms;
    best_acknowledgement_ms = other.best_acknowledgement_ms;
  }
  shard_cpu_ratio = std::max(shard_cpu_ratio, other.shard_cpu_ratio);
  source_wait_ratio = std::max(source_wait_ratio, other.source_wait_ratio);
  target_wait_ratio = std::max(target_wait_ratio, other.target_wait_ratio);
  source.merge(other.source);
  target.merge(other.target);
}

}  // namespace longspan
