// tracing/context/trace_id.h - the ids of traces and spans, and their text.
//
// Errors:  none; what is not hex is told by HexWord's marks.
// Threads: values, pure functions.
// Source:  W3C Trace Context: 16 and 8 bytes, written as 32 and 16 lower-case hex digits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace longspan {

struct TraceId {
  std::uint64_t high = 0;  // 0 also where a format carries 64 bits only
  std::uint64_t low = 0;
  [[nodiscard]] bool is_zero() const { return (high | low) == 0; }
  friend bool operator==(const TraceId&, const TraceId&) = default;
};

struct SpanId {
  std::uint64_t value = 0;
  [[nodiscard]] bool is_zero() const { return value == 0; }
  friend bool operator==(const SpanId&, const SpanId&) = default;
};

// A span within its trace; both are valid, that is not zero, wherever a struct holds one.
struct SpanIds {
  TraceId trace;
  SpanId span;
  friend bool operator==(const SpanIds&, const SpanIds&) = default;
};

// Up to 16 hex digits as a number. `value` means something only where is_hex.
struct HexWord {
  std::uint64_t value = 0;
  bool is_hex = true;
  bool has_upper_case = false;
};
[[nodiscard]] HexWord read_hex(std::string_view digits);

void append_hex(std::string& out, std::uint64_t value);  // 16 digits
void append_hex(std::string& out, const TraceId& id);    // 32 digits
[[nodiscard]] std::string hex(const TraceId& id);
[[nodiscard]] std::string hex(const SpanId& id);

}  // namespace longspan
