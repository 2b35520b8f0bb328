// tracing/spans/otlp.h - spans as a request of OTLP: ExportTraceServiceRequest.
//
// Both forms say the same. JSON is OTLP's, which is not protobuf's own: ids are hex, enums numbers,
// 64-bit integers decimal strings.
//
// Errors:  none.
// Threads: pure functions.
// Source:  opentelemetry-proto v1: trace.proto, common.proto, resource.proto; OTLP specification,
//          "JSON Protobuf Encoding".
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "tracing/spans/span.h"

namespace longspan {

[[nodiscard]] std::string otlp_protobuf(const SpanOrigin& origin, std::span<const Span> spans);
[[nodiscard]] std::string otlp_json(const SpanOrigin& origin, std::span<const Span> spans);

// The flags of a span or a link: W3C's in the low byte, then whether and what is known of remote.
inline constexpr std::uint32_t kSampledFlag = 1;
inline constexpr std::uint32_t kRandomFlag = 2;
inline constexpr std::uint32_t kHasRemoteFlag = 0x100;
inline constexpr std::uint32_t kIsRemoteFlag = 0x200;
[[nodiscard]] std::uint32_t otlp_flags(const Span& span);
[[nodiscard]] std::uint32_t otlp_flags(const SpanLink& link);

}  // namespace longspan
