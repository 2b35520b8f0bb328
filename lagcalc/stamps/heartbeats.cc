#include "lagcalc/stamps/heartbeats.h"

#include <algorithm>
#include <cstddef>

namespace longspan {
namespace {

// Takes back only the last star: at most pattern times text steps.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t behind_star = std::string_view::npos;
  std::size_t t = 0;
  std::size_t star_ends = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      behind_star = ++p;
      star_ends = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (behind_star != std::string_view::npos) {
      p = behind_star;
      t = ++star_ends;
    } else {
      return false;
    }
  }
  return pattern.substr(p).find_first_not_of('*') == std::string_view::npos;
}

bool matches_any(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches(pattern, text); });
}

}  // namespace

bool is_heartbeat_topic(std::string_view topic, const HeartbeatPatterns& patterns) {
  return matches_any(patterns.topics, topic);
}

bool is_heartbeat_table(std::string_view topic, const HeartbeatPatterns& patterns) {
  return matches_any(patterns.tables, topic);
}

}  // namespace longspan
