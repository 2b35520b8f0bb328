#include <utility>

#include "tracing/spans/otlp.h"
#include "tracing/spans/otlp_parts.h"

namespace longspan {
namespace {

ProtoWriter event_message(const SpanEvent& event) {
  ProtoWriter out;
  put_time(out, 1, event.at);
  put_text(out, 2, event.name);
  put_attributes(out, 3, event.attributes);
  put_count(out, 4, event.attributes.dropped());
  return out;
}

ProtoWriter link_message(const SpanLink& link) {
  ProtoWriter out;
  put_id(out, 1, link.ids.trace);
  put_id(out, 2, link.ids.span);
  put_text(out, 3, link.tracestate);
  put_attributes(out, 4, link.attributes);
  put_count(out, 5, link.attributes.dropped());
  out.fixed32(6, otlp_flags(link));
  return out;
}

ProtoWriter span_message(const Span& span) {
  ProtoWriter out;
  put_id(out, 1, span.ids.trace);
  put_id(out, 2, span.ids.span);
  put_text(out, 3, span.tracestate);
  if (span.parent) put_id(out, 4, *span.parent);
  put_text(out, 5, span.name);
  out.varint(6, static_cast<std::uint64_t>(span.kind));
  put_time(out, 7, span.start);
  put_time(out, 8, span.end);
  put_attributes(out, 9, span.attributes);
  put_count(out, 10, span.attributes.dropped());
  for (const SpanEvent& event : span.events) out.message(11, event_message(event));
  put_count(out, 12, span.dropped_events);
  for (const SpanLink& link : span.links) out.message(13, link_message(link));
  put_count(out, 14, span.dropped_links);
  if (span.status.code != StatusCode::unset) {
    ProtoWriter status;
    put_text(status, 2, span.status.message);
    status.varint(3, static_cast<std::uint64_t>(span.status.code));
    out.message(15, status);
  }
  out.fixed32(16, otlp_flags(span));
  return out;
}

}  // namespace

std::uint32_t otlp_flags(const Span& span) {
  return (span.is_sampled ? kSampledFlag : 0) | (span.is_random ? kRandomFlag : 0) |
         kHasRemoteFlag | (span.parent && span.is_parent_remote ? kIsRemoteFlag : 0);
}

// What we link to came with a record.
std::uint32_t otlp_flags(const SpanLink& link) {
  return (link.sampled.value_or(false) ? kSampledFlag : 0) | kHasRemoteFlag | kIsRemoteFlag;
}

std::string otlp_protobuf(const SpanOrigin& origin, std::span<const Span> spans) {
  ProtoWriter scope_spans = otlp_scope(origin);
  for (const Span& span : spans) scope_spans.message(2, span_message(span));
  return otlp_request(origin, std::move(scope_spans));
}

}  // namespace longspan
