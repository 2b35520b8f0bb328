// cli/commands/lag_history.h - `longspan lag FILE --at TIME` and `--since SPAN`: what the marks
// tell.
//
// Asks the target cluster only; no process of the flow needs to run.
#pragma once

#include <string>
#include <vector>

#include "cli/command_line.h"
#include "lagcalc/result.h"
#include "mirror/flow_config.h"
#include "mirror/marks/history.h"

namespace longspan {

// True when the line asks for history.
[[nodiscard]] bool asks_for_history(const CommandLine& line);
// Prints it for these flows and answers the exit code.
int lag_history(const CommandLine& line, const std::vector<FlowConfig>& flows);

// An error, where steps are shorter than what the marks tell of.
[[nodiscard]] Result<void> check_step(const std::string& flow, const HistorySpan& span,
                                      const History& history);

}  // namespace longspan
