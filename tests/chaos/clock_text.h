// tests/chaos/clock_text.h - the time of day, as each line of a run begins.
//
// Units:   UTC, "17:04:05".
// Errors:  none.
// Threads: a free function; gmtime is of one thread.

#pragma once

#include <chrono>
#include <ctime>
#include <string>

namespace longspan::chaos {

inline std::string clock_text() {
  const std::time_t at = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  char text[16];
  std::strftime(text, sizeof text, "%H:%M:%S", std::gmtime(&at));
  return text;
}

}  // namespace longspan::chaos
