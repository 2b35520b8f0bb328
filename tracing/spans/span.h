// tracing/spans/span.h - a span as OpenTelemetry has it, bounded.
//
// Units:   UnixNs is nanoseconds since 1970-01-01 UTC. A span may end before it begins: its ends
// may
//          be times of two clocks, and what was measured is kept.
// Errors:  none. Beyond its limits a span drops what is added and counts it, as OpenTelemetry's
//          SDKs do; a text that is too long is cut.
// Threads: values.
// Limits:  kAttributesMax, kEventsMax, kLinksMax a span; kTextBytesMax a text of an attribute, an
//          event's name, an error's message.
// Source:  opentelemetry-proto trace.proto; OpenTelemetry "Span limits" (128 of each).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tracing/context/trace_id.h"

namespace longspan {

inline constexpr std::size_t kAttributesMax = 128;
inline constexpr std::size_t kEventsMax = 128;
inline constexpr std::size_t kLinksMax = 128;
inline constexpr std::size_t kTextBytesMax = 1024;

struct UnixNs {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(UnixNs, UnixNs) = default;
};

using AttributeValue = std::variant<std::string, bool, std::int64_t, double>;
struct Attribute {
  std::string key;
  AttributeValue value;
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

// Keys are unique: what is put twice has the last value.
class Attributes {
 public:
  void put(std::string_view key, AttributeValue value);
  // So that a literal does not become a bool.
  void put(std::string_view key, const char* value) { put(key, std::string(value)); }
  [[nodiscard]] const std::vector<Attribute>& all() const { return all_; }
  [[nodiscard]] const AttributeValue* find(std::string_view key) const;
  [[nodiscard]] std::uint32_t dropped() const { return dropped_; }
  friend bool operator==(const Attributes&, const Attributes&) = default;

 private:
  std::vector<Attribute> all_;
  std::uint32_t dropped_ = 0;
};

// Numbers are OTLP's.
enum class SpanKind : std::uint8_t { internal = 1, server, client, producer, consumer };
enum class StatusCode : std::uint8_t { unset, ok, error };

struct SpanStatus {
  StatusCode code = StatusCode::unset;
  std::string message = {};  // of an error only
  friend bool operator==(const SpanStatus&, const SpanStatus&) = default;
};

struct SpanEvent {
  UnixNs at;
  std::string name;
  Attributes attributes = {};
  friend bool operator==(const SpanEvent&, const SpanEvent&) = default;
};

struct SpanLink {
  SpanIds ids;
  std::optional<bool> sampled = {};  // absent: not told
  std::string tracestate = {};
  Attributes attributes = {};
  friend bool operator==(const SpanLink&, const SpanLink&) = default;
};

struct Span {
  SpanIds ids;
  std::optional<SpanId> parent = {};
  bool is_sampled = true;         // not: kept as slow or failed in a trace that is not sampled
  bool is_parent_remote = false;  // means something only with a parent
  bool is_random = false;         // the trace id's low 56 bits are
  std::string tracestate = {};
  std::string name;
  SpanKind kind = SpanKind::internal;
  UnixNs start;
  UnixNs end;
  Attributes attributes = {};
  SpanStatus status = {};
  std::vector<SpanEvent> events = {};
  std::vector<SpanLink> links = {};
  std::uint32_t dropped_events = 0;
  std::uint32_t dropped_links = 0;

  void add(SpanEvent event);
  void add(SpanLink link);
  void fail(std::string message);  // the status becomes error
};

// Who exports.
struct SpanOrigin {
  Attributes resource;  // service.name and the like
  std::string scope_name = "longspan";
  std::string scope_version = {};
  std::string schema_url = {};
};

// What is no UTF-8 becomes U+FFFD, byte by byte: a protobuf string must be valid, and one bad text
// would have a receiver refuse the whole request.
[[nodiscard]] std::string valid_utf8(std::string_view text);

}  // namespace longspan
