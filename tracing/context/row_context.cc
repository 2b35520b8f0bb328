#include "tracing/context/row_context.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "tracing/context/trace_id.h"

namespace longspan {
namespace {

constexpr std::string_view kSpaces = " \t\f";

bool is_space(char c) { return kSpaces.find(c) != std::string_view::npos; }
bool is_line_end(char c) { return c == '\n' || c == '\r'; }

void skip_spaces(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
}

void append_utf8(std::string& out, std::uint64_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

// Takes what stands behind a backslash off the front of `text`; false: no such escape.
bool take_escape(std::string_view& text, std::string& out) {
  if (text.empty()) return true;
  const char c = text.front();
  text.remove_prefix(1);
  if (c == 'u') {
    constexpr std::size_t kDigits = 4;
    const HexWord code = read_hex(text.substr(0, kDigits));
    if (text.size() < kDigits || !code.is_hex) return false;
    text.remove_prefix(kDigits);
    append_utf8(out, code.value);
  } else if (is_line_end(c)) {  // the line goes on, without what it is indented by
    if (c == '\r' && text.starts_with('\n')) text.remove_prefix(1);
    skip_spaces(text);
  } else {
    constexpr std::string_view kNames = "tnrf";
    const std::size_t known = kNames.find(c);
    out += known == std::string_view::npos ? c : "\t\n\r\f"[known];
  }
  return true;
}

// Takes up to the end of the line, or of the key.
std::optional<std::string> take_text(std::string_view& text, bool is_key) {
  std::string out;
  while (!text.empty() && !is_line_end(text.front())) {
    const char c = text.front();
    if (is_key && (c == '=' || c == ':' || is_space(c))) break;
    text.remove_prefix(1);
    if (c != '\\') {
      out += c;
    } else if (!take_escape(text, out)) {
      return std::nullopt;
    }
  }
  return out;
}

void skip_separator(std::string_view& text) {
  skip_spaces(text);
  if (!text.starts_with('=') && !text.starts_with(':')) return;
  text.remove_prefix(1);
  skip_spaces(text);
}

// Leaves `text` at the beginning of a property.
void skip_to_property(std::string_view& text) {
  while (!text.empty()) {
    const char c = text.front();
    if (c == '#' || c == '!') {
      text.remove_prefix(std::min(text.find_first_of("\r\n"), text.size()));
    } else if (is_space(c) || is_line_end(c)) {
      text.remove_prefix(1);
    } else {
      return;
    }
  }
}

}  // namespace

Result<RowContext, TraceFault> RowContext::parse(std::string_view text) {
  if (text.size() > kRowContextBytesMax) return TraceFault::too_long;
  RowContext out;
  for (skip_to_property(text); !text.empty(); skip_to_property(text)) {
    if (out.properties_.size() == kRowPropertiesMax) return TraceFault::too_many_members;
    auto key = take_text(text, true);
    skip_separator(text);
    auto value = take_text(text, false);
    if (!key || !value) return TraceFault::wrong_form;
    out.properties_.emplace_back(std::move(*key), std::move(*value));
  }
  return out;
}

std::vector<HeaderView> RowContext::views() const {
  std::vector<HeaderView> out;
  out.reserve(properties_.size());
  for (const auto& [key, value] : properties_) out.push_back({key, value});
  return out;
}

TraceContext with_row(TraceContext headers, const TraceContext& row) {
  headers.ids = row.ids;
  if (row.sampled) headers.sampled = row.sampled;
  headers.is_debug = headers.is_debug || row.is_debug;
  headers.is_random = row.is_random;
  headers.tracestate = row.tracestate;
  return headers;
}

}  // namespace longspan
