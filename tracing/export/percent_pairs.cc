#include "tracing/export/percent_pairs.h"

#include <algorithm>
#include <cstddef>

#include "tracing/context/trace_id.h"
#include "tracing/text_parts.h"

namespace longspan {
std::optional<std::string> read_percent_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const HexWord byte = read_hex(text.substr(i + 1, 2));
    if (i + 2 >= text.size() || !byte.is_hex) return std::nullopt;
    out += static_cast<char>(byte.value);
    i += 2;
  }
  return out;
}

std::optional<TextPairs> read_percent_pairs(std::string_view text) {
  TextPairs out;
  while (!text.empty()) {
    const std::string_view member = text.substr(0, text.find(','));
    text.remove_prefix(std::min(member.size() + 1, text.size()));
    if (trimmed(member).empty()) continue;
    const std::size_t equals = member.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto key = read_percent_text(trimmed(member.substr(0, equals)));
    auto value = read_percent_text(trimmed(member.substr(equals + 1)));
    if (!key || key->empty() || !value) return std::nullopt;
    out.emplace_back(*key, std::move(*value));
  }
  return out;
}

}  // namespace longspan
