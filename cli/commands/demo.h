// cli/commands/demo.h - `longspan demo`.
#pragma once

#include "cli/command_line.h"

namespace longspan {

int demo_command(const CommandLine& line);
extern const CommandRow kDemoCommand;

}  // namespace longspan
