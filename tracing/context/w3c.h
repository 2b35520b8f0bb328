// tracing/context/w3c.h - traceparent.
//
// Errors:  FormatResult's fault.
// Threads: pure functions.
// Source:  W3C Trace Context, level 2. A version above 00 is read as 00, with more behind a dash
//          allowed, and written back as 00; ff is no version.
#pragma once

#include <string>
#include <string_view>

#include "tracing/context/format_context.h"

namespace longspan {

[[nodiscard]] FormatResult read_traceparent(std::string_view value);

// A decision that is not told is written as "not sampled": the format knows no third.
[[nodiscard]] std::string traceparent(const FormatContext& context);

}  // namespace longspan
