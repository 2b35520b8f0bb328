#include <nlohmann/json.hpp>
#include <utility>

#include "tracing/spans/otlp.h"
#include "tracing/spans/otlp_parts.h"

namespace longspan {
namespace {

using Json = nlohmann::ordered_json;

Json event_json(const SpanEvent& event) {
  Json out = Json::object();
  put_time(out, "timeUnixNano", event.at);
  put_text(out, "name", event.name);
  put_attributes(out, event.attributes);
  return out;
}

Json link_json(const SpanLink& link) {
  Json out = {{"traceId", hex(link.ids.trace)}, {"spanId", hex(link.ids.span)}};
  put_text(out, "traceState", link.tracestate);
  put_attributes(out, link.attributes);
  out["flags"] = otlp_flags(link);
  return out;
}

Json span_json(const Span& span) {
  Json out = {{"traceId", hex(span.ids.trace)}, {"spanId", hex(span.ids.span)}};
  put_text(out, "traceState", span.tracestate);
  if (span.parent) out["parentSpanId"] = hex(*span.parent);
  put_text(out, "name", span.name);
  out["kind"] = static_cast<int>(span.kind);
  put_time(out, "startTimeUnixNano", span.start);
  put_time(out, "endTimeUnixNano", span.end);
  put_attributes(out, span.attributes);
  for (const SpanEvent& event : span.events) out["events"].push_back(event_json(event));
  put_count(out, "droppedEventsCount", span.dropped_events);
  for (const SpanLink& link : span.links) out["links"].push_back(link_json(link));
  put_count(out, "droppedLinksCount", span.dropped_links);
  if (span.status.code != StatusCode::unset) {
    put_text(out["status"], "message", span.status.message);
    out["status"]["code"] = static_cast<int>(span.status.code);
  }
  out["flags"] = otlp_flags(span);
  return out;
}

}  // namespace

std::string otlp_json(const SpanOrigin& origin, std::span<const Span> spans) {
  Json scope_spans = otlp_scope_json(origin);
  for (const Span& span : spans) scope_spans["spans"].push_back(span_json(span));
  return otlp_request_json(origin, "Spans", std::move(scope_spans));
}

}  // namespace longspan
