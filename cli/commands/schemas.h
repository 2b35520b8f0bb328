// cli/commands/schemas.h - `longspan schemas diff` and `longspan schemas sync`: the registries of a
// flow's two clusters.
#pragma once

#include "cli/command_line.h"

namespace longspan {

int schemas_diff_command(const CommandLine& line);
int schemas_sync_command(const CommandLine& line);
extern const CommandRow kSchemasDiffCommand;
extern const CommandRow kSchemasSyncCommand;

}  // namespace longspan
