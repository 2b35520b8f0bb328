// cli/commands/trace.h - `longspan trace`: the hops of one record, and the link to its trace.
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "cli/command_line.h"
#include "cli/commands/flow_choice.h"
#include "tracing/context/trace_id.h"

namespace longspan {

int trace_command(const CommandLine& line);
extern const CommandRow kTraceCommand;

// A trace id as it was typed.
struct WantedTrace {
  TraceId id;
  bool is_short = false;  // 16 digits: the lower half is compared, and so it is with records whose
                          // format carries no more
  [[nodiscard]] bool matches(const TraceId& other) const {
    if (id.low != other.low) return false;
    return is_short || other.high == 0 || id.high == other.high;
  }
};

// "orders:3:1000", or 32 or 16 hex digits of either case.
[[nodiscard]] Result<std::variant<PositionArgument, WantedTrace>> parse_traced(
    std::string_view text);

}  // namespace longspan
