// tracing/context/tracestate.h - the members of tracestate, and Datadog's among them.
//
//   dd=s:2;o:rum;p:00f067aa0ba902b7;t.dm:-4     s priority, p the last of Datadog's spans, t.* tags
//
// Errors:  TraceFault where it breaks the grammar; then no member of it is to be believed.
// Threads: pure functions.
// Limits:  32 members, a key and a value of 256 bytes each.
// Source:  W3C Trace Context, level 2 (list members, "Mutating the tracestate field"); Datadog's
//          tracers (extraction of the dd member).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tracing/context/format_context.h"

namespace longspan {

// The whole is checked; where `fault` is none, `datadog` is the value of the member dd.
struct Tracestate {
  TraceFault fault = TraceFault::none;
  std::optional<std::string_view> datadog = {};
};
[[nodiscard]] Tracestate read_tracestate(std::string_view value);

// The sampling priority that a dd member tells.
[[nodiscard]] std::optional<std::int32_t> datadog_priority(std::string_view datadog);

// The same with `span` as dd's last span, and its priority set where it tells another decision
// than `sampled`. A changed member goes to the front, as W3C asks; the others keep their order.
// Absent: it would be larger than the limits.
[[nodiscard]] std::optional<std::string> with_datadog_span(std::string_view tracestate, SpanId span,
                                                           std::optional<bool> sampled);

}  // namespace longspan
