#include "tracing/context/reparent.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "lagcalc/assert.h"
#include "tracing/context/b3.h"
#include "tracing/context/datadog.h"
#include "tracing/context/jaeger.h"
#include "tracing/context/tracestate.h"
#include "tracing/context/w3c.h"

namespace longspan {
namespace {

std::string_view name(TraceHeader header) {
  return kTraceHeaderNames[static_cast<std::size_t>(header)];
}

class Writing {
 public:
  Writing(const TraceContext& found, const NewParent& parent) : found_(found), parent_(parent) {
    edits_.reserve(4);
  }

  // False: a limit would be broken.
  [[nodiscard]] bool write(TraceFormat format) {
    FormatContext context{parent_.ids, parent_.sampled, parent_.is_debug, parent_.is_random, false};
    context.is_short = found_.short_formats.contains(format);
    switch (format) {
      case TraceFormat::w3c:
        put(TraceHeader::traceparent, traceparent(context));
        return write_state();
      case TraceFormat::b3:
        put(TraceHeader::b3, b3(context));
        return true;
      case TraceFormat::b3_multi:
        write_b3_multi(context);
        return true;
      case TraceFormat::jaeger:
        put(TraceHeader::uber_trace_id, jaeger(context));
        return true;
      case TraceFormat::datadog:
        return write_datadog();
    }
    return false;
  }
  [[nodiscard]] HeaderEdits take() { return std::move(edits_); }

 private:
  void put(TraceHeader header, std::optional<std::string> value) {
    edits_.push_back({name(header), std::move(value)});
  }

  bool write_state() {
    const std::string_view state = found_.tracestate;
    if (state.empty()) return true;
    const bool is_there = found_.headers[TraceHeader::tracestate].is_there;
    if (!read_tracestate(state).datadog) {
      if (!is_there) put(TraceHeader::tracestate, std::string(state));
      return true;
    }
    auto changed = with_datadog_span(state, parent_.ids.span, parent_.sampled);
    if (!changed) return false;
    put(TraceHeader::tracestate, std::move(changed));
    return true;
  }

  void put_b3(TraceHeader header, const std::optional<std::string>& value) {
    const TraceHeaders& headers = found_.headers;
    const std::size_t first = static_cast<std::size_t>(TraceHeader::b3_trace_id);
    if (headers.has_capital_b3) {
      edits_.push_back({kCapitalB3Names[static_cast<std::size_t>(header) - first], value});
    }
    if (headers.has_lower_b3 || !headers.has_capital_b3) put(header, value);
  }

  // Of a decision as debug x-b3-sampled is not told beside it (B3).
  void write_b3_multi(const FormatContext& context) {
    const TraceHeaders& headers = found_.headers;
    put_b3(TraceHeader::b3_trace_id, b3_trace_id(context));
    std::string span;
    append_hex(span, context.ids->span.value);
    put_b3(TraceHeader::b3_span_id, span);
    if (headers[TraceHeader::b3_parent_span_id].is_there) {
      put_b3(TraceHeader::b3_parent_span_id, std::nullopt);
    }
    if (context.sampled && !context.is_debug) {
      put_b3(TraceHeader::b3_sampled, *context.sampled ? "1" : "0");
    } else if (headers[TraceHeader::b3_sampled].is_there) {
      put_b3(TraceHeader::b3_sampled, std::nullopt);
    }
    if (context.is_debug) {
      put_b3(TraceHeader::b3_flags, "1");
    } else if (headers[TraceHeader::b3_flags].is_there) {
      put_b3(TraceHeader::b3_flags, std::nullopt);
    }
  }

  bool write_datadog() {
    const SpanIds& ids = parent_.ids;
    const auto tags = found_.headers.value(TraceHeader::datadog_tags);
    const DatadogValues was{found_.headers.value(TraceHeader::datadog_trace_id),
                            found_.headers.value(TraceHeader::datadog_parent_id),
                            found_.headers.value(TraceHeader::datadog_priority), tags};
    const auto context = read_datadog(was);
    put(TraceHeader::datadog_trace_id, std::to_string(ids.trace.low));
    put(TraceHeader::datadog_parent_id, std::to_string(ids.span.value));
    if (parent_.sampled && (!context || context->sampled != parent_.sampled)) {
      put(TraceHeader::datadog_priority, *parent_.sampled ? "1" : "0");
    }
    const bool is_same = context && context->ids && context->ids->trace == ids.trace;
    if (is_same || (!tags && ids.trace.high == 0)) return true;
    auto changed = datadog_tags(tags.value_or(""), ids.trace);
    if (!changed) return false;
    if (changed->empty()) changed.reset();
    put(TraceHeader::datadog_tags, std::move(changed));
    return true;
  }

  const TraceContext& found_;
  const NewParent& parent_;
  HeaderEdits edits_;
};

}  // namespace

NewParent child_of(const TraceContext& context, SpanId span) {
  LONGSPAN_ASSERT(context.ids);
  return {{context.ids->trace, span}, context.sampled, context.is_debug, context.is_random};
}

std::optional<HeaderEdits> reparent(const TraceContext& found, const NewParent& parent,
                                    TraceFormats inject) {
  LONGSPAN_ASSERT(!parent.ids.trace.is_zero() && !parent.ids.span.is_zero());
  if (!found.is_intact()) return std::nullopt;
  const TraceFormats formats = found.formats.empty() ? inject : found.formats;
  Writing writing(found, parent);
  for (std::size_t i = 0; i < kTraceFormats; ++i) {
    const TraceFormat format = static_cast<TraceFormat>(i);
    if (formats.contains(format) && !writing.write(format)) return std::nullopt;
  }
  return writing.take();
}

std::vector<HeaderView> edited(std::span<const HeaderView> headers, const HeaderEdits& edits) {
  std::vector<HeaderView> out;
  out.reserve(headers.size() + edits.size());
  for (const HeaderView& header : headers) {
    const bool is_named = std::any_of(edits.begin(), edits.end(), [&](const HeaderEdit& edit) {
      return edit.name == header.name;
    });
    if (!is_named) out.push_back(header);
  }
  for (const HeaderEdit& edit : edits) {
    if (edit.value) out.push_back({edit.name, *edit.value});
  }
  return out;
}

}  // namespace longspan
