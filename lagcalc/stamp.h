// lagcalc/stamp.h - a time that a clock somewhere wrote down.
//
// Units:   microseconds since 1970-01-01 UTC of the clock that wrote it: stamps of two clocks are
//          not compared, they are put on one timeline first.
// Errors:  none. A time that is not known is an absent Stamp.
// Threads: values.
#pragma once

#include <compare>
#include <cstdint>

namespace longspan {

struct TimestampUs {
  std::int64_t value = 0;
  friend constexpr auto operator<=>(TimestampUs, TimestampUs) = default;
};

// Clocks floor to their unit: it was written in [at, at + resolution_us).
struct Stamp {
  TimestampUs at;
  std::int32_t resolution_us = 1;  // 1 or 1000
  friend constexpr bool operator==(const Stamp&, const Stamp&) = default;
};

}  // namespace longspan
