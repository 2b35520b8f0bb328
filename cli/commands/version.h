// cli/commands/version.h - `longspan version` and --version.
#pragma once

#include "cli/command_line.h"

namespace longspan {

int version_command(const CommandLine& line);
extern const Command kVersionCommand;

}  // namespace longspan
