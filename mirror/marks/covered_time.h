// mirror/marks/covered_time.h - a set of points in time, as spans that neither touch nor overlap.
//
// Units:   milliseconds; spans are half-open, [from, to).
// Errors:  none. An empty or reversed span adds nothing.
// Threads: a value.
// Limits:  one entry a span; those that touch are one.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "lagcalc/units.h"

namespace longspan {

class CoveredTime {
 public:
  void add(TimestampMs from, TimestampMs to);
  // Of [from, to).
  [[nodiscard]] std::int64_t covered_ms(TimestampMs from, TimestampMs to) const;
  // What of [from, to) is in none, in order.
  [[nodiscard]] std::vector<std::pair<TimestampMs, TimestampMs>> left_of(TimestampMs from,
                                                                         TimestampMs to) const;
  [[nodiscard]] std::size_t spans() const { return spans_.size(); }

 private:
  std::map<TimestampMs, TimestampMs> spans_;  // from -> to
};

}  // namespace longspan
