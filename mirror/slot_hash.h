// mirror/slot_hash.h - which slot a partition, or a duty, belongs to: rendezvous hashing.
//
// Every process computes the same answer from the names alone. Two slots more or less would move
// only the partitions of those slots; the number of slots is fixed when the flow is created.
//
// Threads: free functions.
// Source:  Thaler and Ravishankar, "Using name-based mappings to increase hit rates" (1998).
#pragma once

#include <cstdint>
#include <string_view>

#include "lagcalc/topic_partition.h"

namespace longspan {

// The names of flow-wide duties.
inline constexpr std::string_view kTopicsDuty = "topics";
inline constexpr std::string_view kSchemasDuty = "schemas";
inline constexpr std::string_view kClocksDuty = "clocks";

[[nodiscard]] std::int32_t slot_of(const TopicPartition& source, std::int32_t slots);
[[nodiscard]] std::int32_t slot_of_duty(std::string_view duty, std::int32_t slots);

}  // namespace longspan
