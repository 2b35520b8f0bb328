// tracing/context/trace_context.h - what the headers of a record say of the trace that it is in.
//
// Several formats may stand side by side. The first of these that is well formed and tells ids
// decides; the others are compared with it, and where they differ that is told:
//
//   1 tracecontext   OpenTelemetry's default propagator, Debezium writes it through that one, and
//                    Datadog's tracers write it beside their own by default: whoever touched the
//                    record last has most likely written this one
//   2 b3             OpenTelemetry: the single header is read before
//   3 b3multi        the several ones
//   4 jaeger         OpenTelemetry has deprecated it; it carries 128 bits of the trace id
//   5 datadog        without _dd.p.tid it carries 64 bits, so it goes last
//
// The decision, too, is that format's: B3 may defer it, and then it stays absent. Only where no
// format tells ids, a lone decision of B3 or Datadog counts, in the same order.
//
// Errors:  a format that is not well formed is as if it were not there, and `faults` tells of it.
// Threads: pure function. A TraceContext holds views into the headers.
// Limits:  kTraceValueBytesMax a value; any number of headers, each is looked at once.
// Source:  W3C Trace Context; OpenTelemetry "Propagators API"; openzipkin/b3-propagation; Jaeger
//          "Propagation format"; Datadog's tracers.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "lagcalc/header_view.h"
#include "tracing/context/format_context.h"
#include "tracing/context/trace_headers.h"

namespace longspan {

// Of formats that are well formed. Where one tells 64 bits of the trace id these are compared.
struct Disagreement {
  bool of_trace = false;
  bool of_span = false;
  bool of_decision = false;  // dd= of tracestate beside traceparent's flag is one, too
  [[nodiscard]] bool any() const { return of_trace || of_span || of_decision; }
  friend bool operator==(const Disagreement&, const Disagreement&) = default;
};

struct TraceContext {
  std::optional<SpanIds> ids = {};   // absent: the record is in no trace that we can read
  std::optional<bool> sampled = {};  // absent: not told
  bool is_debug = false;
  bool is_random = false;
  std::string_view tracestate = {};  // as it stands; empty when there is none or it is broken
  TraceFormats formats = {};         // that are there and well formed
  TraceFormats short_formats = {};   // of these, which tell 64 bits of the trace id
  std::array<TraceFault, kTraceFormats> faults{};
  Disagreement disagreement = {};
  TraceHeaders headers = {};

  // Nothing is wrong with what is there. Otherwise the headers are not to be rewritten: what we
  // cannot read another reader may.
  [[nodiscard]] bool is_intact() const { return faults == std::array<TraceFault, kTraceFormats>{}; }
};

[[nodiscard]] TraceContext read_trace_context(std::span<const HeaderView> headers);

}  // namespace longspan
