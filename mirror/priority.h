// mirror/priority.h - a topic's class: what is to be read first where not everything can be.
//
// Threads: constant.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace longspan {

enum class Priority : std::uint8_t { normal, high };

// In the order in which they are served.
inline constexpr auto kPriorities = std::to_array<Priority>({Priority::high, Priority::normal});

[[nodiscard]] constexpr std::size_t index_of(Priority priority) {
  return static_cast<std::size_t>(priority);
}
[[nodiscard]] constexpr std::string_view name(Priority priority) {
  return priority == Priority::high ? "high" : "normal";
}

// Why a class of topics is not read at the moment.
enum class HeldBack : std::uint8_t {
  no,
  throttled,  // by a throttle.* of the file
  yields,     // topics of high priority have records to be read
};

[[nodiscard]] constexpr std::string_view text_of(HeldBack why) {
  if (why == HeldBack::throttled) return "throttled";
  return why == HeldBack::yields ? "waits for topics of high priority" : "";
}

}  // namespace longspan
