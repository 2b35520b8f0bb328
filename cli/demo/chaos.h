// cli/demo/chaos.h - when --chaos cuts the line, and when it comes back.
//
// Units:   milliseconds since the demo began.
// Threads: pure functions.
#pragma once

#include <cstdint>

namespace longspan::demo {

inline constexpr std::int64_t kFirstCutMs = 8'000;
inline constexpr std::int64_t kCutMs = 4'000;
inline constexpr std::int64_t kCutPeriodMs = 15'000;

[[nodiscard]] constexpr bool is_cut_at(std::int64_t ms) {
  return ms >= kFirstCutMs && (ms - kFirstCutMs) % kCutPeriodMs < kCutMs;
}

// When the line changes next.
[[nodiscard]] constexpr std::int64_t next_switch_after(std::int64_t ms) {
  if (ms < kFirstCutMs) return kFirstCutMs;
  const std::int64_t begin = ms - (ms - kFirstCutMs) % kCutPeriodMs;
  return begin + (is_cut_at(ms) ? kCutMs : kCutPeriodMs);
}

}  // namespace longspan::demo
