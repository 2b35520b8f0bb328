#include "tracing/context/tracestate.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

#include "tracing/text_parts.h"

namespace longspan {
namespace {

constexpr std::size_t kMembersMax = 32;
constexpr std::size_t kKeyBytesMax = 256;
constexpr std::size_t kTenantBytesMax = 241;
constexpr std::size_t kSystemBytesMax = 14;
constexpr std::size_t kValueBytesMax = 256;
constexpr std::string_view kDatadog = "dd";

bool begins_key(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_key_char(char c) { return begins_key(c) || c == '_' || c == '-' || c == '*' || c == '/'; }

bool is_key_part(std::string_view part, std::size_t bytes_max) {
  return !part.empty() && part.size() <= bytes_max && begins_key(part[0]) &&
         std::all_of(part.begin(), part.end(), is_key_char);
}

bool is_key(std::string_view key) {
  const std::size_t at = key.find('@');
  if (at == std::string_view::npos) return is_key_part(key, kKeyBytesMax);
  return is_key_part(key.substr(0, at), kTenantBytesMax) &&
         is_key_part(key.substr(at + 1), kSystemBytesMax);
}

// Spaces inside are fine; the last one cannot be a space, it was trimmed.
bool is_value(std::string_view value) {
  return !value.empty() && value.size() <= kValueBytesMax &&
         std::all_of(value.begin(), value.end(),
                     [](char c) { return c >= ' ' && c <= '~' && c != '='; });
}

struct Member {
  std::string_view key;
  std::string_view value;
};

std::optional<Member> read_member(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const Member member{text.substr(0, equals), text.substr(equals + 1)};
  if (!is_key(member.key) || !is_value(member.value)) return std::nullopt;
  return member;
}

std::optional<std::int32_t> read_priority(std::string_view text) {
  std::int32_t priority = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), priority);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return priority;
}

std::string changed_datadog(std::string_view value, SpanId span, std::optional<bool> sampled) {
  std::string out = "dd=";
  bool has_span = false;
  const auto put = [&out](std::string_view part) {
    if (out.back() != '=') out += ';';
    out += part;
  };
  while (!value.empty()) {
    const std::string_view part = take_part(value, ';');
    if (part.starts_with("p:")) {
      if (!has_span) put("p:" + hex(span));
      has_span = true;
    } else if (part.starts_with("s:") && sampled) {
      const auto priority = read_priority(part.substr(2));
      const bool fits = priority && (*priority > 0) == *sampled;
      put(fits ? part : *sampled ? "s:1" : "s:0");
    } else if (!part.empty()) {
      put(part);
    }
  }
  if (!has_span) put("p:" + hex(span));
  return out;
}

}  // namespace

Tracestate read_tracestate(std::string_view value) {
  std::array<std::string_view, kMembersMax> keys;
  std::size_t count = 0;
  Tracestate out;
  while (!value.empty()) {
    const std::string_view text = trimmed(take_part(value, ','));
    if (text.empty()) continue;
    if (count == kMembersMax) return {TraceFault::too_many_members};
    const auto member = read_member(text);
    if (!member) return {TraceFault::bad_member};
    const auto end = keys.begin() + static_cast<std::ptrdiff_t>(count);
    if (std::find(keys.begin(), end, member->key) != end) return {TraceFault::repeated_member};
    keys[count++] = member->key;
    if (member->key == kDatadog) out.datadog = member->value;
  }
  return out;
}

std::optional<std::int32_t> datadog_priority(std::string_view datadog) {
  while (!datadog.empty()) {
    const std::string_view part = take_part(datadog, ';');
    if (part.starts_with("s:")) return read_priority(part.substr(2));
  }
  return std::nullopt;
}

std::optional<std::string> with_datadog_span(std::string_view tracestate, SpanId span,
                                             std::optional<bool> sampled) {
  std::string datadog;
  std::string others;
  while (!tracestate.empty()) {
    const std::string_view text = trimmed(take_part(tracestate, ','));
    if (text.starts_with("dd=")) {
      datadog = changed_datadog(text.substr(3), span, sampled);
    } else if (!text.empty()) {
      (others += ',') += text;
    }
  }
  if (datadog.size() > kValueBytesMax + 3) return std::nullopt;
  if (datadog.size() + others.size() > kTraceValueBytesMax) return std::nullopt;
  return datadog.empty() ? others.substr(others.empty() ? 0 : 1) : datadog + others;
}

}  // namespace longspan
