// cli/commands/man.h - `longspan man`: the manual page, longspan(1).
#pragma once

#include "cli/command_line.h"

namespace longspan {

int man_command(const CommandLine& line);
extern const CommandRow kManCommand;

}  // namespace longspan
