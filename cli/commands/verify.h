// cli/commands/verify.h - `longspan verify`: proves that target records equal source records.
#pragma once

#include "cli/command_line.h"
#include "mirror/verify/verdict.h"

namespace longspan {

int verify_command(const CommandLine& line);
extern const CommandRow kVerifyCommand;

// 0 all equal, 1 a difference, 3 something could not be compared to its end.
[[nodiscard]] int exit_code_of(const Verdict& verdict);

}  // namespace longspan
