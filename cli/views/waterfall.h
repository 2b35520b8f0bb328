// cli/views/waterfall.h - a bar of a waterfall: where a hop lies between the beginning and the end
// of the way.
//
// Units:   any, the same for all; columns of text.
// Errors:  none. A way of no length has no bars.
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <string>

namespace longspan {

inline constexpr std::size_t kBarWidth = 32;

// "   ====   ": at least one column.
[[nodiscard]] std::string bar_text(double from, double length, double whole,
                                   std::size_t width = kBarWidth);

// "  --====--": from begin to end, and where it may begin and end.
struct BarRange {
  double earliest = 0;
  double begin = 0;
  double end = 0;
  double latest = 0;
};
[[nodiscard]] std::string range_bar(const BarRange& range, double whole,
                                    std::size_t width = kBarWidth);

}  // namespace longspan
