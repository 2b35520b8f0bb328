// tracing/spans/otlp_parts.h - what requests of OTLP have in common: attributes, resource, scope.
//
// Errors:  none.
// Threads: pure functions.
// Source:  opentelemetry-proto v1: common.proto, resource.proto.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "tracing/proto_writer.h"
#include "tracing/spans/span.h"

namespace longspan {

// proto3 leaves out what has its default.
void put_text(ProtoWriter& out, std::uint32_t field, std::string_view text);
void put_count(ProtoWriter& out, std::uint32_t field, std::uint32_t count);
void put_time(ProtoWriter& out, std::uint32_t field, UnixNs time);
void put_attributes(ProtoWriter& out, std::uint32_t field, const Attributes& attributes);
// As bytes.
void put_id(ProtoWriter& out, std::uint32_t field, SpanId id);
void put_id(ProtoWriter& out, std::uint32_t field, const TraceId& id);

void put_text(nlohmann::ordered_json& out, const char* name, std::string_view text);
void put_count(nlohmann::ordered_json& out, const char* name, std::uint32_t count);
void put_time(nlohmann::ordered_json& out, const char* name, UnixNs time);
void put_attributes(nlohmann::ordered_json& out, const Attributes& attributes);
// Protobuf's JSON has words for what JSON has no numbers for.
[[nodiscard]] nlohmann::ordered_json real_json(double value);

// The request with its one resource and one scope around what is sent: fields 1 and 2 of both
// messages are the same for spans and metrics.
[[nodiscard]] ProtoWriter otlp_scope(const SpanOrigin& origin);
[[nodiscard]] std::string otlp_request(const SpanOrigin& origin, ProtoWriter scope_with_content);
[[nodiscard]] nlohmann::ordered_json otlp_scope_json(const SpanOrigin& origin);
// `name` is "Spans" or "Metrics": resourceSpans, scopeSpans.
[[nodiscard]] std::string otlp_request_json(const SpanOrigin& origin, const std::string& name,
                                            nlohmann::ordered_json scope_with_content);

}  // namespace longspan
