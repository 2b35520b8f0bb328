// cli/commands/events.h - `longspan events`: losses, parked partitions, take-overs, commands.
#pragma once

#include "cli/command_line.h"

namespace longspan {

int events_command(const CommandLine& line);
extern const CommandRow kEventsCommand;

}  // namespace longspan
