// mirror/event.h - something happened that an operator must be able to find later.
//
// Every loss, parked partition, take-over or surprise on the target is one Event: a record in the
// flow's state topic, a metric by kind, a line in `longspan events`.
//
// Units:   [from, to) offsets, half-open; absent when the event is not about a range.
// Threads: a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lagcalc/topic_partition.h"
#include "lagcalc/units.h"

namespace longspan {

// Stored as numbers: only append.
enum class EventKind : std::uint8_t {
  flow_started = 1,  // first definition written
  definition_changed = 2,
  slot_taken = 3,     // by this process, from nobody or from a dead owner
  topic_created = 4,  // on the target
  topic_grown = 5,
  topic_vanished = 6,     // at the source; kept on the target
  partition_started = 7,  // first position, with where and why there
  partition_parked = 8,   // with the reason
  partition_resumed = 9,
  source_expired = 10,            // records [from, to) were gone before they were read
  source_truncated = 11,          // the source log ends before our position
  tail_matched = 12,              // target records behind the last position recognised as ours
  tail_mismatch = 13,             // target records [from, to) that are not copies of ours
  unexpected_target_offset = 14,  // somebody else wrote, target offsets [from, to)
  written_twice = 15,             // target offsets [from, to) hold second copies
  target_truncated = 16,          // the target log ends before our position
  paused = 17,                    // by command
  resumed = 18,
  position_set = 19,   // by command
  loss_accepted = 20,  // by command
};

[[nodiscard]] std::string_view name(EventKind kind);

struct Event {
  std::int64_t number = 0;  // counts per slot from 0, never wraps; (slot, number) names an event
  EventKind kind{};
  TimestampMs at;
  std::optional<TopicPartition> partition;  // source name
  std::optional<Offset> from;  // of the source, or of the target where the kind says so
  std::optional<Offset> to;
  std::string text;  // one sentence
  std::string who;   // host:pid of the process that wrote it
};

}  // namespace longspan
