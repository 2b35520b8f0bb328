#include "tracing/context/trace_context.h"

#include <initializer_list>

#include "tracing/context/b3.h"
#include "tracing/context/datadog.h"
#include "tracing/context/jaeger.h"
#include "tracing/context/tracestate.h"
#include "tracing/context/w3c.h"

namespace longspan {
namespace {

using Parsed = std::array<std::optional<FormatContext>, kTraceFormats>;

class Reading {
 public:
  explicit Reading(TraceContext& out) : out_(out) {}

  void read_all() {
    const TraceHeaders& headers = out_.headers;
    if (is_readable(TraceFormat::w3c, {TraceHeader::traceparent})) {
      put(TraceFormat::w3c, read_traceparent(headers[TraceHeader::traceparent].value));
    }
    if (headers[TraceHeader::tracestate].is_there) read_state();
    if (is_readable(TraceFormat::b3, {TraceHeader::b3})) {
      put(TraceFormat::b3, read_b3(headers[TraceHeader::b3].value));
    }
    if (is_readable(TraceFormat::b3_multi, {TraceHeader::b3_trace_id, TraceHeader::b3_span_id,
                                            TraceHeader::b3_sampled, TraceHeader::b3_flags})) {
      put(TraceFormat::b3_multi,
          read_b3(B3Values{
              headers.value(TraceHeader::b3_trace_id), headers.value(TraceHeader::b3_span_id),
              headers.value(TraceHeader::b3_sampled), headers.value(TraceHeader::b3_flags)}));
    }
    if (is_readable(TraceFormat::jaeger, {TraceHeader::uber_trace_id})) {
      put(TraceFormat::jaeger, read_jaeger(headers[TraceHeader::uber_trace_id].value));
    }
    if (is_readable(TraceFormat::datadog,
                    {TraceHeader::datadog_trace_id, TraceHeader::datadog_parent_id,
                     TraceHeader::datadog_priority, TraceHeader::datadog_tags})) {
      put(TraceFormat::datadog, read_datadog({headers.value(TraceHeader::datadog_trace_id),
                                              headers.value(TraceHeader::datadog_parent_id),
                                              headers.value(TraceHeader::datadog_priority),
                                              headers.value(TraceHeader::datadog_tags)}));
    }
  }

  // Precedence is the order of the formats.
  void choose() {
    const FormatContext* chosen = nullptr;
    for (const auto& context : parsed_) {
      if (context && (chosen == nullptr || (!chosen->ids && context->ids))) chosen = &*context;
    }
    if (chosen == nullptr) return;
    out_.ids = chosen->ids;
    out_.sampled = chosen->sampled;
    out_.is_debug = chosen->is_debug;
    out_.is_random = chosen->is_random;
    for (const auto& context : parsed_) {
      if (context && &*context != chosen) compare(*chosen, *context);
    }
  }

 private:
  static std::size_t index(TraceFormat format) { return static_cast<std::size_t>(format); }

  void fault(TraceFormat format, TraceFault fault) {
    TraceFault& first = out_.faults[index(format)];
    if (first == TraceFault::none) first = fault;
  }

  // One of its headers is there, and of those that are none is null or too long.
  bool is_readable(TraceFormat format, std::initializer_list<TraceHeader> headers) {
    bool is_there = false;
    for (const TraceHeader header : headers) {
      if (!out_.headers[header].is_there) continue;
      is_there = true;
      const TraceFault found = out_.headers.fault(header);
      if (found != TraceFault::none) fault(format, found);
    }
    return is_there && out_.faults[index(format)] == TraceFault::none;
  }

  void put(TraceFormat format, const FormatResult& result) {
    if (!result) return fault(format, result.error());
    out_.formats.insert(format);
    if (result->ids && result->is_short) out_.short_formats.insert(format);
    parsed_[index(format)] = *result;
  }

  // It means nothing without traceparent, and nothing is wrong with that one where this is broken.
  void read_state() {
    const auto& context = parsed_[index(TraceFormat::w3c)];
    const TraceFault found = out_.headers.fault(TraceHeader::tracestate);
    if (found != TraceFault::none) return fault(TraceFormat::w3c, found);
    if (!context) return fault(TraceFormat::w3c, TraceFault::missing_part);
    const std::string_view value = out_.headers[TraceHeader::tracestate].value;
    const Tracestate state = read_tracestate(value);
    if (state.fault != TraceFault::none) return fault(TraceFormat::w3c, state.fault);
    out_.tracestate = value;
    if (!state.datadog) return;
    const auto priority = datadog_priority(*state.datadog);
    if (priority && (*priority > 0) != *context->sampled) out_.disagreement.of_decision = true;
  }

  void compare(const FormatContext& chosen, const FormatContext& other) {
    Disagreement& found = out_.disagreement;
    if (chosen.ids && other.ids) {
      const bool is_short = chosen.is_short || other.is_short;
      const TraceId& a = chosen.ids->trace;
      const TraceId& b = other.ids->trace;
      if (a.low != b.low || (!is_short && a.high != b.high)) found.of_trace = true;
      if (chosen.ids->span != other.ids->span) found.of_span = true;
    }
    if (chosen.sampled && other.sampled && chosen.sampled != other.sampled) {
      found.of_decision = true;
    }
  }

  TraceContext& out_;
  Parsed parsed_{};
};

}  // namespace

TraceContext read_trace_context(std::span<const HeaderView> headers) {
  TraceContext out;
  out.headers = find_trace_headers(headers);
  Reading reading(out);
  reading.read_all();
  reading.choose();
  return out;
}

}  // namespace longspan
