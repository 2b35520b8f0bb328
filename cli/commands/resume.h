// cli/commands/resume.h - `longspan resume`: takes back what `longspan pause` wrote.
#pragma once

#include "cli/command_line.h"

namespace longspan {

int resume_command(const CommandLine& line);
extern const CommandRow kResumeCommand;

}  // namespace longspan
