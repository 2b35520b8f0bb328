// cli/commands/offsets.h - `longspan offsets translate`: positions from one cluster to the other.
#pragma once

#include "cli/command_line.h"

namespace longspan {

int offsets_translate_command(const CommandLine& line);
extern const CommandRow kOffsetsTranslateCommand;

}  // namespace longspan
