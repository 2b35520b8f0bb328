// tracing/context/format_context.h - the formats in which a trace context stands in headers, what
// can be wrong with one, and what one of them says.
//
// Errors:  TraceFault; of a header several things may be wrong, the first that is seen is told.
// Threads: values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "lagcalc/result.h"
#include "tracing/context/trace_id.h"

namespace longspan {

// In order of precedence (trace_context.h says why).
enum class TraceFormat : std::uint8_t { w3c, b3, b3_multi, jaeger, datadog };
inline constexpr std::size_t kTraceFormats = 5;
inline constexpr std::array<std::string_view, kTraceFormats> kTraceFormatNames{
    "tracecontext", "b3", "b3multi", "jaeger", "datadog"};  // as OTEL_PROPAGATORS names them

[[nodiscard]] inline std::string_view name(TraceFormat format) {
  return kTraceFormatNames[static_cast<std::size_t>(format)];
}

class TraceFormats {
 public:
  constexpr TraceFormats() = default;
  constexpr TraceFormats(std::initializer_list<TraceFormat> formats) {
    for (const TraceFormat format : formats) insert(format);
  }
  constexpr void insert(TraceFormat format) { bits_ |= bit(format); }
  [[nodiscard]] constexpr bool contains(TraceFormat format) const {
    return (bits_ & bit(format)) != 0;
  }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  friend bool operator==(const TraceFormats&, const TraceFormats&) = default;

 private:
  static constexpr std::uint8_t bit(TraceFormat format) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(format));
  }
  std::uint8_t bits_ = 0;
};

enum class TraceFault : std::uint8_t {
  none,
  null_value,
  too_long,    // more than kTraceValueBytesMax
  wrong_form,  // lengths, separators, number of parts
  not_hex,
  upper_case,  // hex digits that must be lower case
  not_decimal,
  zero_id,
  bad_version,  // traceparent's ff
  bad_sampling,
  missing_part,      // a header without the one that it belongs to
  bad_member,        // tracestate: key or value
  too_many_members,  // tracestate: more than 32
  repeated_member,   // tracestate: a key twice
};
inline constexpr std::size_t kTraceFaults = 14;
inline constexpr std::array<std::string_view, kTraceFaults> kTraceFaultNames{
    "none",         "null_value",  "too_long",         "wrong_form",     "not_hex",
    "upper_case",   "not_decimal", "zero_id",          "bad_version",    "bad_sampling",
    "missing_part", "bad_member",  "too_many_members", "repeated_member"};

[[nodiscard]] inline std::string_view name(TraceFault fault) {
  return kTraceFaultNames[static_cast<std::size_t>(fault)];
}

// A longer value of any of these headers is not looked at. Datadog drops x-datadog-tags and dd=
// beyond 512; W3C asks that 512 of tracestate be carried.
inline constexpr std::size_t kTraceValueBytesMax = 512;

// What one format says of a record.
struct FormatContext {
  std::optional<SpanIds> ids = {};   // absent: it tells a decision only
  std::optional<bool> sampled = {};  // absent: not told, who reads it decides
  bool is_debug = false;             // implies sampled
  bool is_random = false;            // W3C level 2: the trace id's low 56 bits are random
  bool is_short = false;             // 64 bits of the trace id are told
  friend bool operator==(const FormatContext&, const FormatContext&) = default;
};
using FormatResult = Result<FormatContext, TraceFault>;

}  // namespace longspan
