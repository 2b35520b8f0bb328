// cli/commands/lag_history.h - `longspan lag FILE --at TIME` and `--since SPAN`: what the marks
// tell.
//
// Asks the target cluster only; no process of the flow needs to run.
#pragma once

#include <vector>

#include "cli/command_line.h"
#include "mirror/flow_config.h"

namespace longspan {

// True when the line asks for history.
[[nodiscard]] bool asks_for_history(const CommandLine& line);
// Prints it for these flows and answers the exit code.
int lag_history(const CommandLine& line, const std::vector<FlowConfig>& flows);

}  // namespace longspan
