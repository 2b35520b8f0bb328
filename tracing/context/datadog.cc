#include "tracing/context/datadog.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>

namespace longspan {
namespace {

constexpr std::string_view kTraceIdHigh = "_dd.p.tid=";

template <class T>
std::optional<T> read_decimal(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view take_tag(std::string_view& tags) {
  const std::size_t size = std::min(tags.find(','), tags.size());
  const std::string_view tag = tags.substr(0, size);
  tags.remove_prefix(std::min(size + 1, tags.size()));
  return tag;
}

std::optional<std::string_view> trace_id_high(std::string_view tags) {
  std::optional<std::string_view> found;
  while (!tags.empty()) {
    const std::string_view tag = take_tag(tags);
    if (tag.starts_with(kTraceIdHigh)) found = tag.substr(kTraceIdHigh.size());
  }
  return found;
}

FormatResult read_ids(const DatadogValues& values) {
  const auto low = read_decimal<std::uint64_t>(*values.trace_id);
  const auto span = read_decimal<std::uint64_t>(*values.parent_id);
  if (!low || !span) return TraceFault::not_decimal;
  if (*low == 0 || *span == 0) return TraceFault::zero_id;
  FormatContext out;
  out.ids = SpanIds{{0, *low}, {*span}};
  out.is_short = true;
  const auto high_text = trace_id_high(values.tags.value_or(""));
  if (!high_text) return out;
  if (high_text->size() != 16) return TraceFault::wrong_form;
  const HexWord high = read_hex(*high_text);
  if (!high.is_hex) return TraceFault::not_hex;
  out.ids->trace.high = high.value;
  out.is_short = false;
  return out;
}

}  // namespace

FormatResult read_datadog(const DatadogValues& values) {
  if (values.trace_id.has_value() != values.parent_id.has_value()) return TraceFault::missing_part;
  FormatContext out;
  if (values.trace_id) {
    const auto ids = read_ids(values);
    if (!ids) return ids;
    out = *ids;
  }
  if (values.priority) {
    const auto priority = read_decimal<std::int32_t>(*values.priority);
    if (!priority) return TraceFault::not_decimal;
    out.sampled = *priority > 0;
  }
  return out;
}

std::optional<std::string> datadog_tags(std::string_view tags, const TraceId& trace) {
  std::string out;
  const auto put = [&out](std::string_view tag) {
    if (!out.empty()) out += ',';
    out += tag;
  };
  while (!tags.empty()) {
    const std::string_view tag = take_tag(tags);
    if (!tag.starts_with(kTraceIdHigh) && !tag.empty()) put(tag);
  }
  if (trace.high != 0) {
    put(kTraceIdHigh);
    append_hex(out, trace.high);
  }
  if (out.size() > kTraceValueBytesMax) return std::nullopt;
  return out;
}

}  // namespace longspan
