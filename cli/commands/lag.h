// cli/commands/lag.h - `longspan lag`: how far behind every topic and partition is.
#pragma once

#include "cli/command_line.h"

namespace longspan {

int lag_command(const CommandLine& line);
extern const CommandRow kLagCommand;

}  // namespace longspan
