// cli/commands/offsets.h - `longspan offsets translate`: positions from one cluster to the other.
#pragma once

#include "cli/command_line.h"
#include "cli/views/positions_table.h"
#include "mirror/state/flow_state.h"

namespace longspan {

int offsets_translate_command(const CommandLine& line);
extern const CommandRow kOffsetsTranslateCommand;

// Fails when the flow has no such partition on the side that positions are given of. A name of the
// other side is told apart from a slip of the pen.
[[nodiscard]] Result<void> check_position(const FlowState& state, const TopicPartition& partition,
                                          Direction direction);

}  // namespace longspan
