#include <cmath>
#include <nlohmann/json.hpp>

#include "tracing/spans/otlp.h"

namespace longspan {
namespace {

using Json = nlohmann::ordered_json;

// Protobuf's JSON has words for what JSON has no numbers for.
Json real_json(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

struct ValueJson {
  Json operator()(const std::string& value) const { return {{"stringValue", valid_utf8(value)}}; }
  Json operator()(bool value) const { return {{"boolValue", value}}; }
  Json operator()(std::int64_t value) const { return {{"intValue", std::to_string(value)}}; }
  Json operator()(double value) const { return {{"doubleValue", real_json(value)}}; }
};

void put_text(Json& out, const char* name, std::string_view text) {
  if (!text.empty()) out[name] = valid_utf8(text);
}
void put_count(Json& out, const char* name, std::uint32_t count) {
  if (count != 0) out[name] = count;
}
void put_time(Json& out, const char* name, UnixNs time) {
  if (time.value != 0) out[name] = std::to_string(time.value);
}

void put_attributes(Json& out, const Attributes& attributes) {
  for (const Attribute& each : attributes.all()) {
    Json pair = Json::object();
    put_text(pair, "key", each.key);
    pair["value"] = std::visit(ValueJson{}, each.value);
    out["attributes"].push_back(std::move(pair));
  }
  put_count(out, "droppedAttributesCount", attributes.dropped());
}

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
  Json resource = Json::object();
  put_attributes(resource, origin.resource);
  Json scope = Json::object();
  put_text(scope, "name", origin.scope_name);
  put_text(scope, "version", origin.scope_version);
  Json scope_spans = {{"scope", std::move(scope)}};
  for (const Span& span : spans) scope_spans["spans"].push_back(span_json(span));
  put_text(scope_spans, "schemaUrl", origin.schema_url);
  Json resource_spans = {{"resource", std::move(resource)}};
  resource_spans["scopeSpans"].push_back(std::move(scope_spans));
  put_text(resource_spans, "schemaUrl", origin.schema_url);
  Json request = Json::object();
  request["resourceSpans"].push_back(std::move(resource_spans));
  return request.dump();
}

}  // namespace longspan
