// tests/broker/harness/wall_clock.h - what time it is, to the machine that the tests run on.
//
// Units:   milliseconds since 1970-01-01 UTC.
// Errors:  none; it may be set back between two calls.
// Threads: any.

#pragma once

#include <chrono>
#include <cstdint>

namespace longspan::harness {

inline std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace longspan::harness
