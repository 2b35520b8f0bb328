// tracing/context/datadog.h - Datadog's headers.
//
//   x-datadog-trace-id, x-datadog-parent-id    decimal: the trace id's low half, and the span
//   x-datadog-sampling-priority                -1 and 0 drop, 1 and 2 keep
//   x-datadog-tags                             k=v,k=v; _dd.p.tid is the high half in 16 hex digits
//
// Errors:  FormatResult's fault.
// Threads: pure functions.
// Source:  Datadog's tracers: extraction of these headers, tag propagation.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tracing/context/format_context.h"

namespace longspan {

struct DatadogValues {
  std::optional<std::string_view> trace_id = {};
  std::optional<std::string_view> parent_id = {};
  std::optional<std::string_view> priority = {};
  std::optional<std::string_view> tags = {};
};
[[nodiscard]] FormatResult read_datadog(const DatadogValues& values);

// The tags with _dd.p.tid as `trace` has it, the others as they stand. Absent: too long.
[[nodiscard]] std::optional<std::string> datadog_tags(std::string_view tags, const TraceId& trace);

}  // namespace longspan
