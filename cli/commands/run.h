// cli/commands/run.h - `longspan run FILE`: the flows of a properties file.
#pragma once

#include "cli/command_line.h"

namespace longspan {

int run_command(const CommandLine& line);
extern const CommandRow kRunCommand;

}  // namespace longspan
