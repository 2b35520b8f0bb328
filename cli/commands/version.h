// cli/commands/version.h - `longspan version` and --version.
#pragma once

#include "cli/command_line.h"

namespace longspan {

int version_command(const CommandLine& line);
extern const CommandRow kVersionCommand;

}  // namespace longspan
