// cli/views/time_parse.h - points in time as people type them.
//
// Units:   UTC, unless the text names an offset.
// Errors:  one sentence with the forms that are understood.
// Threads: a pure function; `now` is an argument.
// Source:  RFC 3339.
#pragma once

#include <string_view>

#include "lagcalc/result.h"
#include "lagcalc/units.h"

namespace longspan {

// "2026-11-21T14:05:00Z" (fractions and +02:00, too); "14:05", "14:05:30" or "14:05Z": the last
// time that it was so late; "-15m"; seconds or milliseconds since 1970, of 10 and 13 digits.
[[nodiscard]] Result<TimestampMs> parse_time(std::string_view text, TimestampMs now);

}  // namespace longspan
