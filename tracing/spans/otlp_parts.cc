#include "tracing/spans/otlp_parts.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>

namespace longspan {
namespace {

using Json = nlohmann::ordered_json;

// AnyValue: one of several, so that also a default is there.
struct ValueWriter {
  ProtoWriter& out;
  void operator()(const std::string& value) const { out.bytes(1, valid_utf8(value)); }
  void operator()(bool value) const { out.varint(2, value ? 1 : 0); }
  void operator()(std::int64_t value) const { out.varint(3, static_cast<std::uint64_t>(value)); }
  void operator()(double value) const { out.real(4, value); }
};

struct ValueJson {
  Json operator()(const std::string& value) const { return {{"stringValue", valid_utf8(value)}}; }
  Json operator()(bool value) const { return {{"boolValue", value}}; }
  Json operator()(std::int64_t value) const { return {{"intValue", std::to_string(value)}}; }
  Json operator()(double value) const { return {{"doubleValue", real_json(value)}}; }
};

void append_big_endian(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

}  // namespace

void put_id(ProtoWriter& out, std::uint32_t field, SpanId id) {
  std::string bytes;
  append_big_endian(bytes, id.value);
  out.bytes(field, bytes);
}

void put_id(ProtoWriter& out, std::uint32_t field, const TraceId& id) {
  std::string bytes;
  append_big_endian(bytes, id.high);
  append_big_endian(bytes, id.low);
  out.bytes(field, bytes);
}

void put_text(ProtoWriter& out, std::uint32_t field, std::string_view text) {
  if (!text.empty()) out.bytes(field, valid_utf8(text));
}

void put_count(ProtoWriter& out, std::uint32_t field, std::uint32_t count) {
  if (count != 0) out.varint(field, count);
}

void put_time(ProtoWriter& out, std::uint32_t field, UnixNs time) {
  if (time.value != 0) out.fixed64(field, time.value);
}

void put_attributes(ProtoWriter& out, std::uint32_t field, const Attributes& attributes) {
  for (const Attribute& each : attributes.all()) {
    ProtoWriter value;
    std::visit(ValueWriter{value}, each.value);
    ProtoWriter pair;
    put_text(pair, 1, each.key);
    pair.message(2, value);
    out.message(field, pair);
  }
}

Json real_json(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

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

ProtoWriter otlp_scope(const SpanOrigin& origin) {
  ProtoWriter scope;
  put_text(scope, 1, origin.scope_name);
  put_text(scope, 2, origin.scope_version);
  ProtoWriter out;
  out.message(1, scope);
  return out;
}

std::string otlp_request(const SpanOrigin& origin, ProtoWriter scope_with_content) {
  put_text(scope_with_content, 3, origin.schema_url);
  ProtoWriter resource;
  put_attributes(resource, 1, origin.resource);
  put_count(resource, 2, origin.resource.dropped());
  ProtoWriter of_resource;
  of_resource.message(1, resource);
  of_resource.message(2, scope_with_content);
  put_text(of_resource, 3, origin.schema_url);
  ProtoWriter request;
  request.message(1, of_resource);
  return request.text();
}

Json otlp_scope_json(const SpanOrigin& origin) {
  Json scope = Json::object();
  put_text(scope, "name", origin.scope_name);
  put_text(scope, "version", origin.scope_version);
  return {{"scope", std::move(scope)}};
}

std::string otlp_request_json(const SpanOrigin& origin, const std::string& name,
                              Json scope_with_content) {
  put_text(scope_with_content, "schemaUrl", origin.schema_url);
  Json resource = Json::object();
  put_attributes(resource, origin.resource);
  Json of_resource = {{"resource", std::move(resource)}};
  of_resource["scope" + name].push_back(std::move(scope_with_content));
  put_text(of_resource, "schemaUrl", origin.schema_url);
  Json request = Json::object();
  request["resource" + name].push_back(std::move(of_resource));
  return request.dump();
}

}  // namespace longspan
