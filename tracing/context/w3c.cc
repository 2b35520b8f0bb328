#include "tracing/context/w3c.h"

#include <cstddef>
#include <cstdint>

#include "lagcalc/assert.h"

namespace longspan {
namespace {

// 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
constexpr std::size_t kSize = 55;
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kSpanAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr std::uint64_t kSampled = 1;
constexpr std::uint64_t kRandom = 2;

bool has_form(std::string_view value) {
  if (value.size() < kSize) return false;
  return value[kTraceAt - 1] == '-' && value[kSpanAt - 1] == '-' && value[kFlagsAt - 1] == '-';
}

}  // namespace

FormatResult read_traceparent(std::string_view value) {
  if (!has_form(value)) return TraceFault::wrong_form;
  const HexWord version = read_hex(value.substr(0, 2));
  const HexWord high = read_hex(value.substr(kTraceAt, 16));
  const HexWord low = read_hex(value.substr(kTraceAt + 16, 16));
  const HexWord span = read_hex(value.substr(kSpanAt, 16));
  const HexWord flags = read_hex(value.substr(kFlagsAt, 2));
  if (!(version.is_hex && high.is_hex && low.is_hex && span.is_hex && flags.is_hex)) {
    return TraceFault::not_hex;
  }
  if (version.has_upper_case || high.has_upper_case || low.has_upper_case || span.has_upper_case ||
      flags.has_upper_case) {
    return TraceFault::upper_case;
  }
  if (version.value == 0xff) return TraceFault::bad_version;
  if (value.size() > kSize && (version.value == 0 || value[kSize] != '-')) {
    return TraceFault::wrong_form;
  }
  const SpanIds ids{{high.value, low.value}, {span.value}};
  if (ids.trace.is_zero() || ids.span.is_zero()) return TraceFault::zero_id;
  const bool is_random = version.value == 0 && (flags.value & kRandom) != 0;
  return FormatContext{ids, (flags.value & kSampled) != 0, false, is_random, false};
}

std::string traceparent(const FormatContext& context) {
  LONGSPAN_ASSERT(context.ids);
  std::string out;
  out.reserve(kSize);
  out += "00-";
  append_hex(out, context.ids->trace);
  out += '-';
  append_hex(out, context.ids->span.value);
  out += "-0";
  const bool is_sampled = context.sampled.value_or(false);
  out += static_cast<char>('0' + (is_sampled ? kSampled : 0) + (context.is_random ? kRandom : 0));
  return out;
}

}  // namespace longspan
