// tracing/context/b3.h - B3: one header, or several.
//
//   b3: {trace}-{span}-{1|0|d}-{parent span}     the last two may be left out, or all but 1, 0, d
//
// Errors:  FormatResult's fault.
// Threads: pure functions.
// Source:  openzipkin/b3-propagation: 16 or 32 lower-case hex digits of the trace, `d` and flags 1
//          are debug, which implies sampled; older tracers wrote true and false. Of the parent span
//          nothing is told on, as OpenTelemetry has it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tracing/context/format_context.h"

namespace longspan {

[[nodiscard]] FormatResult read_b3(std::string_view value);

struct B3Values {
  std::optional<std::string_view> trace_id = {};
  std::optional<std::string_view> span_id = {};
  std::optional<std::string_view> sampled = {};
  std::optional<std::string_view> flags = {};
};
[[nodiscard]] FormatResult read_b3(const B3Values& values);

[[nodiscard]] std::string b3(const FormatContext& context);
// 16 digits where the context is short and the trace id fits.
[[nodiscard]] std::string b3_trace_id(const FormatContext& context);

}  // namespace longspan
