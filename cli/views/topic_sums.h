// cli/views/topic_sums.h - the partitions of a topic as one: what the status page lists.
//
// Units:   as PartitionSnapshot.
// Errors:  none. A sum is absent where a part of it is.
// Threads: values and pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "cli/views/partition_state.h"
#include "mirror/snapshot.h"

namespace longspan {

struct TopicSums {
  std::array<std::int64_t, kPartitionStates.size()> by_state{};  // in the order of that list
  std::int64_t unknown_lags = 0;
  std::optional<Records> offset_lag = Records{0};
  std::optional<std::int64_t> head_age_ms = 0;   // the greatest
  std::optional<std::int64_t> catch_up_ms = 0;   // the same; of what is stopped there is none
  std::optional<double> records_per_second = 0;  // mirrored
  std::optional<double> bytes_per_second = 0;
  std::optional<double> source_records_per_second = 0;  // written
  std::optional<std::int32_t> worst_partition;          // with the largest lag; absent: none waits
  std::optional<Records> worst_lag;

  void add(const PartitionSnapshot& partition);
};

// By source topic; the keys are the snapshot's.
[[nodiscard]] std::map<std::string_view, TopicSums> topic_sums(const FlowSnapshot& flow);

}  // namespace longspan
