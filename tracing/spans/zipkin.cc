#include "tracing/spans/zipkin.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace longspan {
namespace {

using Json = nlohmann::ordered_json;

struct TagText {
  std::string operator()(const std::string& value) const { return valid_utf8(value); }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return Json(value).dump(); }
};

std::string tag_text(const AttributeValue& value) { return std::visit(TagText{}, value); }

const char* kind_text(SpanKind kind) {
  switch (kind) {
    case SpanKind::internal:
      return nullptr;
    case SpanKind::server:
      return "SERVER";
    case SpanKind::client:
      return "CLIENT";
    case SpanKind::producer:
      return "PRODUCER";
    case SpanKind::consumer:
      return "CONSUMER";
  }
  return nullptr;
}

// "name", or "name": {"key": "value"} where it has attributes.
std::string annotation_text(const SpanEvent& event) {
  std::string out = valid_utf8(event.name);
  if (event.attributes.all().empty()) return out;
  Json attributes = Json::object();
  for (const Attribute& each : event.attributes.all()) {
    attributes[valid_utf8(each.key)] = tag_text(each.value);
  }
  return Json(out).dump() + ": " + attributes.dump();
}

void put_count(Json& tags, const char* name, std::uint32_t count) {
  if (count != 0) tags[name] = std::to_string(count);
}

// "link.trace_id", of the second "link.2.trace_id": a search finds who links to a trace.
void put_links(Json& tags, const std::vector<SpanLink>& links) {
  for (std::size_t i = 0; i < links.size(); ++i) {
    const std::string link = i == 0 ? "link." : "link." + std::to_string(i + 1) + ".";
    tags[link + "trace_id"] = hex(links[i].ids.trace);
    tags[link + "span_id"] = hex(links[i].ids.span);
  }
}

Json tags_json(const SpanOrigin& origin, const Span& span) {
  Json tags = Json::object();
  for (const Attribute& each : span.attributes.all()) {
    tags[valid_utf8(each.key)] = tag_text(each.value);
  }
  put_links(tags, span.links);
  if (span.status.code != StatusCode::unset) {
    tags["otel.status_code"] = span.status.code == StatusCode::ok ? "OK" : "ERROR";
  }
  if (span.status.code == StatusCode::error) tags["error"] = valid_utf8(span.status.message);
  if (!origin.scope_name.empty()) tags["otel.scope.name"] = valid_utf8(origin.scope_name);
  if (!origin.scope_version.empty()) tags["otel.scope.version"] = valid_utf8(origin.scope_version);
  put_count(tags, "otel.dropped_attributes_count", span.attributes.dropped());
  put_count(tags, "otel.dropped_events_count", span.dropped_events);
  put_count(tags, "otel.dropped_links_count", span.dropped_links);
  return tags;
}

// Zipkin draws a dependency only to an endpoint that has a name.
void put_remote(Json& out, const Span& span) {
  if (span.kind != SpanKind::client && span.kind != SpanKind::producer) return;
  for (const char* const key : {"peer.service", "server.address", "network.peer.address"}) {
    const AttributeValue* const value = span.attributes.find(key);
    if (value == nullptr) continue;
    out["remoteEndpoint"]["serviceName"] = tag_text(*value);
    return;
  }
}

Json span_json(const SpanOrigin& origin, const std::string& service, const Span& span) {
  constexpr std::uint64_t kNsPerUs = 1000;
  Json out = {{"traceId", hex(span.ids.trace)}, {"id", hex(span.ids.span)}};
  if (span.parent) out["parentId"] = hex(*span.parent);
  if (const char* const kind = kind_text(span.kind)) out["kind"] = kind;
  out["name"] = valid_utf8(span.name);
  if (span.start.value >= kNsPerUs) out["timestamp"] = span.start.value / kNsPerUs;
  if (span.end >= span.start) {  // 0 means "not known" there, so the shortest is 1
    out["duration"] = std::max<std::uint64_t>((span.end.value - span.start.value) / kNsPerUs, 1);
  }
  out["localEndpoint"]["serviceName"] = service;
  put_remote(out, span);
  for (const SpanEvent& event : span.events) {
    out["annotations"].push_back(
        {{"timestamp", event.at.value / kNsPerUs}, {"value", annotation_text(event)}});
  }
  Json tags = tags_json(origin, span);
  if (!tags.empty()) out["tags"] = std::move(tags);
  return out;
}

}  // namespace

std::string zipkin_json(const SpanOrigin& origin, std::span<const Span> spans) {
  const AttributeValue* const found = origin.resource.find("service.name");
  const std::string service = found == nullptr ? "unknown_service" : tag_text(*found);
  Json out = Json::array();
  for (const Span& span : spans) out.push_back(span_json(origin, service, span));
  return out.dump();
}

}  // namespace longspan
