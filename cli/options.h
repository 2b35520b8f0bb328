// cli/options.h - the one table of what a properties file may say; parser, ranges, OPTIONS.md.
//
// A row is a key of MirrorMaker 2 that we honour, or a key of our own in the same style. Client
// settings (`A.consumer.*`, ...) have a table of their own: cli/config/java_names.h.
//
// Units:   as the row's type says; a key that ends in .ms or .seconds says it too.
// Errors:  parse_option() answers the end of a sentence that begins with key=value.
// Threads: constant.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lagcalc/result.h"
#include "mirror/flow_config.h"

namespace longspan {

enum class OptionType : std::uint8_t {
  boolean,
  integer,
  bytes,  // plain, or with KiB, MiB, GiB
  milliseconds,
  seconds,
  text,
  word,      // one of `words`; of a class name the package may be left out
  list,      // comma separated
  patterns,  // comma separated Java regular expressions, each for a whole name
};

enum class Scope : std::uint8_t {
  process,  // KEY
  cluster,  // A.KEY
  flow,     // A->B.KEY, else KEY for every flow
};

// Where a value lands; nothing: cli/config/flows.cc settles it together with other keys.
using Landing =
    std::variant<std::monostate, bool FlowConfig::*, std::int32_t FlowConfig::*,
                 std::int64_t FlowConfig::*, std::chrono::milliseconds FlowConfig::*,
                 std::string FlowConfig::*, std::vector<std::string> FlowConfig::*,
                 std::int32_t ProcessConfig::*, std::int64_t ProcessConfig::*,
                 std::chrono::milliseconds ProcessConfig::*, std::string ProcessConfig::*>;

// What becomes of a changed value when a running process reads its file again (SIGHUP).
enum class OnReload : std::uint8_t { restart, live };

struct Option {
  std::string_view key;
  Scope scope = Scope::flow;
  OptionType type = OptionType::text;
  Landing lands_in;
  std::string_view default_value;  // as one would write it; empty: none
  std::int64_t min = 0;            // inclusive, of numbers
  std::int64_t max = 0;
  std::string_view words;        // of a word, separated by blanks
  std::string_view meaning;      // what it does, then what it costs; no full stop
  std::string_view mm2_default;  // where it differs
  std::string_view old_key;      // an older name, still taken
  OnReload on_reload = OnReload::restart;
};

[[nodiscard]] std::span<const Option> options();
[[nodiscard]] const Option* find_option(std::string_view key);  // by key or old_key

using OptionValue = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;

// Error.what is "is not in 1..1000", "is not true or false", ...
Result<OptionValue> parse_option(const Option& option, std::string_view text);

// Puts the value where the row says; a row of the other scope, or without a place, does nothing.
void land(const Option& option, const OptionValue& value, FlowConfig& flow);
void land(const Option& option, const OptionValue& value, ProcessConfig& process);

[[nodiscard]] std::string range_text(const Option& option);  // "1..1000"; empty: no range
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);

// What must hold between values of one flow.
struct Relation {
  std::string_view key;  // whose line the error names
  bool (*holds)(const FlowConfig&);
  std::string_view sentence;  // what is wanted
};
[[nodiscard]] std::span<const Relation> relations();

}  // namespace longspan
