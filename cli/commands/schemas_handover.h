// cli/commands/schemas_handover.h - `longspan schemas handover` and `longspan schemas handback`:
// after a failover the target's subjects take normal registrations again, and the way back.
//
// handover: a last sync, the command into the state topic, the running process's answer to it, and
// then the subjects, one by one, read back. A crash between any two leaves what a second run ends.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "cli/command_line.h"
#include "mirror/flow_config.h"
#include "mirror/schemas/status.h"
#include "mirror/schemas/subject_rules.h"
#include "mirror/state/flow_state.h"

namespace longspan {

int schemas_handover_command(const CommandLine& line);
int schemas_handback_command(const CommandLine& line);
extern const CommandRow kSchemasHandoverCommand;
extern const CommandRow kSchemasHandbackCommand;

// What the flow's state tells the commands about schemas.
struct SchemasState {
  std::optional<SchemaHandover> handover;  // absent: they are not handed over
  std::set<std::string> topics;            // that it mirrors, by their names at the source
};
[[nodiscard]] SchemasState schemas_state(const FlowState& state);
// Who the flow's schemas are handed over by; absent: they are not.
[[nodiscard]] std::optional<SchemaHandover> handover_in(const FlowState& state);
// The same, read from the target; waits a few seconds at most. A flow that never ran is not handed
// over.
[[nodiscard]] Result<SchemasState> read_schemas_state(const FlowConfig& flow);
// The process that obeys commands about schemas; absent: none seems to run.
[[nodiscard]] std::optional<std::string> schemas_owner(const FlowState& state, TimestampMs now);
// It has told of a command since its slot's event `from`.
[[nodiscard]] bool has_told(const FlowState& state, EventKind kind, std::int64_t from);

}  // namespace longspan
