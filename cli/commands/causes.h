// cli/commands/causes.h - `longspan causes`: every cause of a late flow, as Markdown.
#pragma once

#include "cli/command_line.h"

namespace longspan {

int causes_command(const CommandLine& line);
extern const CommandRow kCausesCommand;

}  // namespace longspan
