// cli/commands/options.h - `longspan options`: the option tables as Markdown.
#pragma once

#include "cli/command_line.h"

namespace longspan {

int options_command(const CommandLine& line);
extern const CommandRow kOptionsCommand;

}  // namespace longspan
