// cli/views/time_text.h - points in time as people read them, and spans as they type them.
//
// Units:   UTC, always: operators of two regions read the same line.
// Threads: free functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lagcalc/units.h"

namespace longspan {

// "2026-11-21 02:00:00Z"
[[nodiscard]] std::string time_text(TimestampMs at);
// "90s", "15m", "2h", "1d", "500ms" in milliseconds; absent: something else.
[[nodiscard]] std::optional<std::int64_t> parse_span(std::string_view text);

}  // namespace longspan
