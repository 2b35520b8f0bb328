#include "tracing/context/b3.h"

#include <cstddef>
#include <cstdint>

#include "lagcalc/assert.h"

namespace longspan {
namespace {

constexpr std::size_t kShort = 16;
constexpr std::size_t kLong = 32;

FormatResult read_ids(std::string_view trace, std::string_view span) {
  if (trace.size() != kShort && trace.size() != kLong) return TraceFault::wrong_form;
  if (span.size() != kShort) return TraceFault::wrong_form;
  const bool is_short = trace.size() == kShort;
  const HexWord high = is_short ? HexWord{} : read_hex(trace.substr(0, kShort));
  const HexWord low = read_hex(trace.substr(trace.size() - kShort));
  const HexWord span_word = read_hex(span);
  if (!high.is_hex || !low.is_hex || !span_word.is_hex) return TraceFault::not_hex;
  if (high.has_upper_case || low.has_upper_case || span_word.has_upper_case) {
    return TraceFault::upper_case;
  }
  const SpanIds ids{{high.value, low.value}, {span_word.value}};
  if (ids.trace.is_zero() || ids.span.is_zero()) return TraceFault::zero_id;
  FormatContext out;
  out.ids = ids;
  out.is_short = is_short;
  return out;
}

// Puts what "0", "1" or "d" says into `context`.
bool read_sampling(std::string_view text, FormatContext& context) {
  if (text.size() != 1) return false;
  const char c = text[0];
  context.sampled = c != '0';
  context.is_debug = c == 'd';
  return c == '0' || c == '1' || c == 'd';
}

}  // namespace

FormatResult read_b3(std::string_view value) {
  FormatContext alone;
  if (value.size() == 1) {
    if (!read_sampling(value, alone)) return TraceFault::bad_sampling;
    return alone;
  }
  const std::size_t dash = value.find('-');
  if (dash != kShort && dash != kLong) return TraceFault::wrong_form;
  auto context = read_ids(value.substr(0, dash), value.substr(dash + 1, kShort));
  if (!context) return context;
  std::string_view rest = value.substr(dash + 1 + kShort);
  if (rest.empty()) return context;
  const bool has_form = rest[0] == '-' && (rest.size() == 2 || rest.size() == 3 + kShort);
  if (!has_form) return TraceFault::wrong_form;
  if (!read_sampling(rest.substr(1, 1), *context)) return TraceFault::bad_sampling;
  if (rest.size() == 2) return context;
  if (rest[2] != '-') return TraceFault::wrong_form;
  if (!read_hex(rest.substr(3)).is_hex) return TraceFault::not_hex;
  return context;
}

FormatResult read_b3(const B3Values& values) {
  if (values.trace_id.has_value() != values.span_id.has_value()) return TraceFault::missing_part;
  FormatContext out;
  if (values.trace_id) {
    const auto ids = read_ids(*values.trace_id, *values.span_id);
    if (!ids) return ids;
    out = *ids;
  }
  if (values.sampled) {
    const std::string_view text = *values.sampled;
    const bool is_sampled = text == "1" || text == "true";
    if (!is_sampled && text != "0" && text != "false") return TraceFault::bad_sampling;
    out.sampled = is_sampled;
  }
  if (values.flags && *values.flags != "0") {
    if (*values.flags != "1") return TraceFault::bad_sampling;
    out.is_debug = true;
    out.sampled = true;
  }
  return out;
}

std::string b3_trace_id(const FormatContext& context) {
  LONGSPAN_ASSERT(context.ids);
  std::string out;
  const TraceId& trace = context.ids->trace;
  if (!context.is_short || trace.high != 0) append_hex(out, trace.high);
  append_hex(out, trace.low);
  return out;
}

std::string b3(const FormatContext& context) {
  std::string out = b3_trace_id(context);
  out += '-';
  append_hex(out, context.ids->span.value);
  if (context.is_debug) {
    out += "-d";
  } else if (context.sampled) {
    out += *context.sampled ? "-1" : "-0";
  }
  return out;
}

}  // namespace longspan
