// cli/commands/lag_fleet.h - `longspan lag --all DIR`: every flow of a folder's files on one
// screen.
//
// Asks the clusters; no process needs to run.
#pragma once

#include "cli/command_line.h"

namespace longspan {

// Answers the exit code: that of what could not be seen, else of --fail-if.
int lag_fleet(const CommandLine& line);

}  // namespace longspan
