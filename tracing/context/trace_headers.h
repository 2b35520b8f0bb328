// tracing/context/trace_headers.h - the headers that carry a trace context, found among a record's.
//
// Names are compared by case, as Kafka's clients do. B3's several headers are known in lower case
// (Datadog's tracers) and as B3 spells them (OpenTelemetry's and Zipkin's write them so); nothing
// else has two spellings. Of several of a name the last one is read.
//
// Errors:  none here; a null or too long value is kept as such a fault.
// Threads: pure functions; views into the record's headers.
// Source:  facts of the formats are in their files. OpenTelemetry's Kafka getters read
// lastHeader().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "lagcalc/header_view.h"
#include "tracing/context/format_context.h"

namespace longspan {

enum class TraceHeader : std::uint8_t {
  traceparent,
  tracestate,
  b3,
  b3_trace_id,
  b3_span_id,
  b3_parent_span_id,
  b3_sampled,
  b3_flags,
  uber_trace_id,
  datadog_trace_id,
  datadog_parent_id,
  datadog_priority,
  datadog_tags,
};
inline constexpr std::size_t kTraceHeaders = 13;

inline constexpr std::array<std::string_view, kTraceHeaders> kTraceHeaderNames{
    "traceparent",        "tracestate",          "b3",
    "x-b3-traceid",       "x-b3-spanid",         "x-b3-parentspanid",
    "x-b3-sampled",       "x-b3-flags",          "uber-trace-id",
    "x-datadog-trace-id", "x-datadog-parent-id", "x-datadog-sampling-priority",
    "x-datadog-tags"};
// From b3_trace_id on.
inline constexpr std::array<std::string_view, 5> kCapitalB3Names{
    "X-B3-TraceId", "X-B3-SpanId", "X-B3-ParentSpanId", "X-B3-Sampled", "X-B3-Flags"};

struct TraceHeaders {
  struct Found {
    bool is_there = false;
    bool is_null = false;
    std::string_view value = {};
  };
  std::array<Found, kTraceHeaders> last{};
  bool has_lower_b3 = false;  // either spelling may be there, and both
  bool has_capital_b3 = false;

  [[nodiscard]] const Found& operator[](TraceHeader header) const {
    return last[static_cast<std::size_t>(header)];
  }
  [[nodiscard]] std::optional<std::string_view> value(TraceHeader header) const {
    const Found& found = (*this)[header];
    return found.is_there ? std::optional(found.value) : std::nullopt;
  }
  // What is wrong with its value before it is parsed.
  [[nodiscard]] TraceFault fault(TraceHeader header) const {
    const Found& found = (*this)[header];
    if (found.is_null) return TraceFault::null_value;
    return found.value.size() > kTraceValueBytesMax ? TraceFault::too_long : TraceFault::none;
  }
};

[[nodiscard]] TraceHeaders find_trace_headers(std::span<const HeaderView> headers);

// One of those that are read and rewritten.
[[nodiscard]] bool is_trace_header(std::string_view name);

}  // namespace longspan
