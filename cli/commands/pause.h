// cli/commands/pause.h - `longspan pause` and `longspan resume`: commands in the state topic.
//
// A command is for the flow, a topic or a partition; each scope is paused and resumed on its own,
// so what is paused for two reasons stays paused until both are gone.
#pragma once

#include <optional>
#include <string>

#include "cli/command_line.h"
#include "mirror/state/flow_state.h"
#include "mirror/state/records.h"

namespace longspan {

int pause_command(const CommandLine& line);
extern const CommandRow kPauseCommand;

// The scope that the flags name: all empty is the flow. Fails when both are given, or when the
// flow does not mirror what is named.
[[nodiscard]] Result<CommandKey> command_scope(const FlowState& state, const std::string& topic,
                                               const std::string& partition);
// What the command did, once `state` has it: one line, and one for each partition of the scope that
// stays paused or parked for another reason.
[[nodiscard]] std::string command_outcome(const std::string& flow, const FlowState& state,
                                          const std::pair<CommandKey, Command>& command,
                                          TimestampMs now);

// The pause that holds exactly this scope; absent: none does.
[[nodiscard]] std::optional<Command> pause_of(const FlowState& state, const CommandKey& key);
// What a resume of a scope without a pause says: no record is written for it.
[[nodiscard]] std::string nothing_to_resume(const std::string& flow, const FlowState& state,
                                            const CommandKey& key, TimestampMs now);
// Paused once more without a word, the reason that was given stays.
[[nodiscard]] std::string reason_of(const CommandLine& line, CommandKind kind,
                                    const std::optional<Command>& paused);

// Both commands: writes `kind` for the scope of the command line, waits, prints.
int write_from_command_line(const CommandLine& line, CommandKind kind);

}  // namespace longspan
