// lagcalc/clocks/interval.h - a time that is known within bounds: [low, point, high].
//
// Units:   microseconds; an Instant stands on longspan's own timeline (timeline.h).
// Errors:  none. A side that cannot be known is absent, and then the point is absent, too.
// Threads: values.
// Limits:  times within kTimeMaxUs of 1970 (some 9,000 years): whoever places a stamp leaves out
//          others, so that no sum of a few times overflows.
// Invariant: low <= high, and the point between them, where they are present. Negative durations
//          are kept: they say that clocks disagree by more than the time between two events.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>

namespace longspan {

inline constexpr std::int64_t kTimeMaxUs = std::int64_t{1} << 58;

struct DurationUs {
  std::int64_t value = 0;
  friend constexpr auto operator<=>(DurationUs, DurationUs) = default;
  friend constexpr DurationUs operator+(DurationUs a, DurationUs b) { return {a.value + b.value}; }
  friend constexpr DurationUs operator-(DurationUs a, DurationUs b) { return {a.value - b.value}; }
  friend constexpr DurationUs operator-(DurationUs a) { return {-a.value}; }
};

struct Instant {
  std::int64_t us = 0;
  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant a, DurationUs d) { return {a.us + d.value}; }
  friend constexpr Instant operator-(Instant a, DurationUs d) { return {a.us - d.value}; }
  friend constexpr DurationUs operator-(Instant a, Instant b) { return {a.us - b.us}; }
};

template <class Value>
struct Interval {
  std::optional<Value> low;
  std::optional<Value> point;
  std::optional<Value> high;
  bool assumed = false;  // a side rests on what was configured, not measured

  friend constexpr bool operator==(const Interval&, const Interval&) = default;

  // Absent sides are open.
  [[nodiscard]] constexpr bool contains(Value value) const {
    return (!low || *low <= value) && (!high || value <= *high);
  }
  // How far apart the sides are.
  [[nodiscard]] constexpr std::optional<DurationUs> width() const {
    if (!low || !high) return std::nullopt;
    return *high - *low;
  }
};

using DurationInterval = Interval<DurationUs>;
using InstantInterval = Interval<Instant>;

// The point in the middle: off by at most half of the width.
[[nodiscard]] constexpr InstantInterval centred(std::optional<Instant> low,
                                                std::optional<Instant> high, bool assumed = false) {
  InstantInterval out{low, std::nullopt, high, assumed};
  if (low && high) out.point = *low + DurationUs{(*high - *low).value / 2};
  return out;
}

[[nodiscard]] constexpr DurationInterval difference(const InstantInterval& later,
                                                    const InstantInterval& earlier) {
  DurationInterval out;
  if (later.low && earlier.high) out.low = *later.low - *earlier.high;
  if (later.point && earlier.point) out.point = *later.point - *earlier.point;
  if (later.high && earlier.low) out.high = *later.high - *earlier.low;
  out.assumed = later.assumed || earlier.assumed;
  return out;
}

[[nodiscard]] constexpr DurationInterval operator+(const DurationInterval& a,
                                                   const DurationInterval& b) {
  DurationInterval out;
  if (a.low && b.low) out.low = *a.low + *b.low;
  if (a.point && b.point) out.point = *a.point + *b.point;
  if (a.high && b.high) out.high = *a.high + *b.high;
  out.assumed = a.assumed || b.assumed;
  return out;
}

}  // namespace longspan
