// lagcalc/stamp_range.h - a time, and an age, that are known within bounds.
//
// Units:   microseconds. The stamp is of one clock; an age is the difference of two times on one
//          timeline, and negative when the stamp's clock is ahead.
// Errors:  none. A difference that no int64 holds is the nearest one that it does.
// Threads: values and a pure function.
#pragma once

#include <cstdint>

#include "lagcalc/stamp.h"

namespace longspan {

// It was written in [earliest, latest).
struct StampRange {
  TimestampUs earliest;
  TimestampUs latest;
  // How far it may lie behind a record with a lower offset; 0 where stamps rise with offsets.
  std::int64_t disorder_us = 0;
  friend constexpr bool operator==(const StampRange&, const StampRange&) = default;
};

struct AgeRange {
  std::int64_t low_us = 0;
  std::int64_t high_us = 0;  // inclusive
  friend constexpr bool operator==(const AgeRange&, const AgeRange&) = default;
};

// From b to a.
[[nodiscard]] constexpr std::int64_t microseconds_between(TimestampUs b, TimestampUs a) {
  std::int64_t out = 0;
  if (!__builtin_sub_overflow(a.value, b.value, &out)) return out;
  return a > b ? INT64_MAX : INT64_MIN;
}

}  // namespace longspan
