// cli/command_line.h - one command's flags and arguments, checked against the command's own table.
//
// A command is a `CommandRow`: its words, its flags, its function. Parsing, range errors, --help
// and shell completion all come from it. Flags are long, `--name=value` or `--name value`; a flag
// is never guessed from its beginning.
//
// Errors:  one sentence for stderr; the caller exits with kExitUsage.
// Threads: values and free functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lagcalc/result.h"

namespace longspan {

enum class FlagType : std::uint8_t {
  toggle,  // present or not; takes no value
  text,
  number,  // an integer in min..max
  list,    // comma separated, and may be repeated
};

struct Flag {
  std::string_view name{};  // without dashes
  FlagType type = FlagType::toggle;
  std::string_view value_name{};     // for help: FILE, N, TIME; empty for a toggle
  std::string_view default_value{};  // empty: none
  std::string_view meaning{};        // one sentence, no full stop
  std::int64_t min = 0;              // of a number, inclusive
  std::int64_t max = 0;
};

class CommandLine {
 public:
  [[nodiscard]] bool has(std::string_view flag) const;  // given on the command line
  // The value given, else the flag's default; empty when there is neither.
  [[nodiscard]] std::string text(std::string_view flag) const;
  // The same as a number; absent when there is neither value nor default.
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view flag) const;
  [[nodiscard]] std::vector<std::string> list(std::string_view flag) const;
  [[nodiscard]] const std::vector<std::string>& arguments() const { return arguments_; }
  // The i-th argument; empty when there are fewer.
  [[nodiscard]] std::string argument(std::size_t i) const;

 private:
  friend class CommandLineParser;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::map<std::string, std::string, std::less<>> defaults_;
  std::vector<std::string> arguments_;
};

struct CommandRow {
  std::string_view name{};       // "lag"; two words for a subcommand: "offsets translate"
  std::string_view arguments{};  // for help: "FILE", "[FILE]", "FILE EVENT..."
  std::size_t arguments_min = 0;
  std::size_t arguments_max = 0;
  std::string_view summary{};  // one line of the list of commands
  std::string_view details{};  // more lines for --help; may be empty
  std::span<const Flag> flags{};
  bool is_hidden = false;                    // not listed, not completed; found by its name
  int (*run)(const CommandLine&) = nullptr;  // answers an exit code of cli/exit_code.h
};

// Checks `words` (what follows the command's name) against the command's table.
Result<CommandLine> parse_command_line(const CommandRow& command,
                                       std::span<const std::string> words);

// The candidate nearest to `word` in edits, if near enough to be a slip; else empty.
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

// Prints "longspan: what" on stderr and answers kExitUsage.
int usage_error(std::string_view what);

}  // namespace longspan
