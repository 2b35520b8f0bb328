#include "tracing/context/jaeger.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "lagcalc/assert.h"

namespace longspan {
namespace {

constexpr std::size_t kParts = 4;
constexpr std::size_t kWord = 16;
constexpr std::uint64_t kSampled = 1;
constexpr std::uint64_t kDebug = 2;

std::size_t find_colon(std::string_view text, bool is_encoded) {
  if (!is_encoded) return text.find(':');
  return std::min(text.find("%3A"), text.find("%3a"));
}

std::optional<std::array<std::string_view, kParts>> split(std::string_view text) {
  const bool is_encoded = text.find(':') == std::string_view::npos;
  std::array<std::string_view, kParts> parts;
  for (std::size_t i = 0; i + 1 < kParts; ++i) {
    const std::size_t size = find_colon(text, is_encoded);
    if (size == std::string_view::npos) return std::nullopt;
    parts[i] = text.substr(0, size);
    text.remove_prefix(size + (is_encoded ? 3 : 1));
  }
  if (find_colon(text, is_encoded) != std::string_view::npos) return std::nullopt;
  parts[kParts - 1] = text;
  return parts;
}

}  // namespace

FormatResult read_jaeger(std::string_view value) {
  const auto parts = split(value);
  if (!parts) return TraceFault::wrong_form;
  const auto& [trace, span, parent, flags] = *parts;
  if (trace.empty() || trace.size() > 2 * kWord || span.empty() || span.size() > kWord ||
      parent.size() > kWord || flags.empty() || flags.size() > 2) {
    return TraceFault::wrong_form;
  }
  const bool is_short = trace.size() <= kWord;
  const std::size_t high_size = is_short ? 0 : trace.size() - kWord;
  const HexWord high = is_short ? HexWord{} : read_hex(trace.substr(0, high_size));
  const HexWord low = read_hex(trace.substr(high_size));
  const HexWord span_word = read_hex(span);
  const HexWord flag_word = read_hex(flags);
  if (!(high.is_hex && low.is_hex && span_word.is_hex && flag_word.is_hex)) {
    return TraceFault::not_hex;
  }
  const SpanIds ids{{high.value, low.value}, {span_word.value}};
  if (ids.trace.is_zero() || ids.span.is_zero()) return TraceFault::zero_id;
  const bool is_debug = (flag_word.value & kDebug) != 0;
  return FormatContext{ids, is_debug || (flag_word.value & kSampled) != 0, is_debug, false,
                       is_short};
}

std::string jaeger(const FormatContext& context) {
  LONGSPAN_ASSERT(context.ids);
  const TraceId& trace = context.ids->trace;
  std::string out;
  out.reserve(2 * kWord + kWord + 5);
  if (!context.is_short || trace.high != 0) append_hex(out, trace.high);
  append_hex(out, trace.low);
  out += ':';
  append_hex(out, context.ids->span.value);
  out += ":0:";
  const bool is_sampled = context.is_debug || context.sampled.value_or(false);
  out += static_cast<char>('0' + (is_sampled ? kSampled : 0) + (context.is_debug ? kDebug : 0));
  return out;
}

}  // namespace longspan
