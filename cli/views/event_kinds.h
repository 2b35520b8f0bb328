// cli/views/event_kinds.h - all kinds of events, for views that show each of them.
//
// Threads: a constant.
#pragma once

#include <array>
#include <cstddef>

#include "mirror/event.h"

namespace longspan {

// In the order of their numbers, which begin with 1 and have no gaps.
inline constexpr auto kEventKinds = [] {
  constexpr auto kLast = static_cast<std::size_t>(EventKind::loss_accepted);
  std::array<EventKind, kLast> kinds{};
  for (std::size_t i = 0; i < kLast; ++i) kinds[i] = static_cast<EventKind>(i + 1);
  return kinds;
}();

}  // namespace longspan
