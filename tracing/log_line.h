// tracing/log_line.h - how a log event is written as text.
//
// Units:   the time is UTC with milliseconds, ISO 8601.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "lagcalc/units.h"
#include "tracing/log.h"

namespace longspan {

struct LogEvent {
  LogLevel level = LogLevel::info;
  LogContext context;
  std::string event;
  Fields fields;
};

// The line without its newline. repeated > 0 adds repeated=N at the end.
[[nodiscard]] std::string log_line(TimestampMs at, const LogEvent& event,
                                   std::uint64_t repeated = 0);

// `value` as it stands after `key=`: bare where nothing in it can be misread, else in double
// quotes with \" \\ \n \r \t and \xNN (control characters and bytes that are not UTF-8).
[[nodiscard]] std::string log_value(std::string_view value);

// "2026-11-21T01:02:03.456Z"
[[nodiscard]] std::string iso_time(TimestampMs at);

}  // namespace longspan
