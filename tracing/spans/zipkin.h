// tracing/spans/zipkin.h - spans as Zipkin's JSON, v2 (POST /api/v2/spans).
//
// What Zipkin has no place for is left out: tracestate, resource attributes but service.name. Links
// are tags (link.trace_id, link.span_id, of the second link.2.trace_id), without which nobody would
// come from a trace to the one that links to it. Counts of what was dropped are tags, too.
//
// Units:   microseconds, cut. A span that ends before it begins has no duration.
// Errors:  none.
// Threads: pure function.
// Source:  Zipkin's zipkin2-api; OpenTelemetry "OpenTelemetry to Zipkin Transformation", which is
//          deprecated there: collectors take OTLP.
#pragma once

#include <span>
#include <string>

#include "tracing/spans/span.h"

namespace longspan {

[[nodiscard]] std::string zipkin_json(const SpanOrigin& origin, std::span<const Span> spans);

}  // namespace longspan
