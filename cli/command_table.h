// cli/command_table.h - every command of the program, in the order the help shows them.
//
// A new command is a file cli/commands/NAME.{h,cc} that defines `const CommandRow kNameCommand`,
// and one line in command_table.cc.
//
// Threads: constant after start.
#pragma once

#include <span>
#include <string>

#include "cli/command_line.h"

namespace longspan {

// Those that are listed; find_command() finds hidden ones, too.
[[nodiscard]] std::span<const CommandRow* const> commands();

// The command named by the first word, or by the first two; null: none. `used` says how many.
[[nodiscard]] const CommandRow* find_command(std::span<const std::string> words, std::size_t& used);

// The whole program: picks the command, or prints help; answers the exit code.
int run_program(std::span<const std::string> words);

}  // namespace longspan
