// cli/commands/completion.h - `longspan completion SHELL`: a completion script from the tables.
#pragma once

#include "cli/command_line.h"

namespace longspan {

int completion_command(const CommandLine& line);
extern const CommandRow kCompletionCommand;

}  // namespace longspan
