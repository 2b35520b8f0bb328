// tracing/text_parts.h - lists in headers and variables, part by part.
//
// Errors:  none. Blanks are spaces and tabs (RFC 9110, OWS).
// Threads: pure functions.
// Owns:    nothing: what is returned is a part of what is given.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace longspan {

// Takes what stands before `separator` off the front of `text`, and the separator.
inline std::string_view take_part(std::string_view& text, char separator) {
  const std::size_t size = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  return part;
}

// Without the blanks around it.
[[nodiscard]] inline std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

}  // namespace longspan
