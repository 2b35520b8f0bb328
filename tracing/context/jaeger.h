// tracing/context/jaeger.h - uber-trace-id.
//
//   {trace}:{span}:{parent span, 0}:{flags}     flags: 1 sampled, 2 debug
//
// Errors:  FormatResult's fault.
// Threads: pure functions.
// Source:  Jaeger, "Propagation format": hex of up to 32 and 16 digits, zeros on the left may be
//          missing, either case; a colon may stand as %3A. OpenTelemetry marks it as deprecated.
#pragma once

#include <string>
#include <string_view>

#include "tracing/context/format_context.h"

namespace longspan {

[[nodiscard]] FormatResult read_jaeger(std::string_view value);

// 16 digits of the trace where the context is short and they suffice. A decision that is not told
// is written as "not sampled".
[[nodiscard]] std::string jaeger(const FormatContext& context);

}  // namespace longspan
