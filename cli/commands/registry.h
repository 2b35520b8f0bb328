// cli/commands/registry.h - `longspan registry`: the embedded schema registry, by itself.
#pragma once

#include "cli/command_line.h"

namespace longspan {

int registry_command(const CommandLine& line);
extern const CommandRow kRegistryCommand;  // hidden: for tests and trials

}  // namespace longspan
