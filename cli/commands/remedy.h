// cli/commands/remedy.h - what an operator decides for a partition that cannot go on by itself:
// `longspan resume --accept-loss` and `longspan offsets set`.
//
// Both write one record into the flow's state topic; the partition's owner carries it out once, now
// or when there is one, and says so as an event with who and when.
#pragma once

#include <string>
#include <string_view>

#include "cli/command_line.h"
#include "lagcalc/result.h"
#include "mirror/admin.h"
#include "mirror/state/flow_state.h"

namespace longspan {

int accept_loss(const CommandLine& line);
int offsets_set_command(const CommandLine& line);
extern const CommandRow kOffsetsSetCommand;

// "3/17": the slot and the number that `longspan events` shows.
struct EventId {
  std::int32_t slot = 0;
  std::int64_t number = 0;
};
[[nodiscard]] Result<EventId> parse_event_id(std::string_view text);

// The remedy for that event of that partition; fails when there is none, when it is of another
// partition or nothing that stops one, or when the partition does not wait for it. Of an event that
// is younger than the partition's position it is not known yet whether it waits: then there is one,
// which does nothing where it does not.
[[nodiscard]] Result<Remedy> remedy_for(const FlowState& state, const TopicPartition& source,
                                        const EventId& id);

// Where `text` points: an offset, earliest, latest, a span ago ("2h"), a time
// ("2026-11-21T02:00:00Z": the first record at or after it, the end when there is none).
[[nodiscard]] Result<Offset> resolve_position(std::string_view text, Admin& source,
                                              const TopicPartition& partition, TimestampMs now);

}  // namespace longspan
