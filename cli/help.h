// cli/help.h - the texts of --help, from the command table.
//
// Threads: free functions.
#pragma once

#include <string>

#include "cli/command_line.h"

namespace longspan {

// `longspan` without arguments: what it is, the commands, two examples.
[[nodiscard]] std::string program_help();
// A flag's meaning with its range and its default.
[[nodiscard]] std::string flag_meaning(const Flag& flag);
// `longspan CMD --help`.
[[nodiscard]] std::string command_help(const CommandRow& command);
// `longspan offsets`, the first word of several commands; empty when it is none.
[[nodiscard]] std::string family_help(const std::string& first_word);

}  // namespace longspan
