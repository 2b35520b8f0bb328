// cli/commands/schemas_verify.h - `longspan schemas verify`: the ids that mirrored records carry,
// in both registries.
#pragma once

#include "cli/command_line.h"
#include "mirror/schemas/id_check.h"

namespace longspan {

int schemas_verify_command(const CommandLine& line);
extern const CommandRow kSchemasVerifyCommand;

// A difference is told before that something could not be checked.
[[nodiscard]] int exit_code_of(const IdCheck& check);

}  // namespace longspan
