// lagcalc/clocks/clock_offset.h - how far a clock is from longspan's own: theta = clock - timeline.
//
// A bound comes from one exchange with the clock, from an order of events, from what a time service
// says about both hosts, or is assumed by configuration.
//
// Units:   microseconds; a positive theta is a clock that is ahead.
// Errors:  none. A side that nothing bounds is absent; bounds that contradict each other meet in an
//          empty intersection, which is the caller's to ask for.
// Threads: values and pure functions.
// Source:  Cristian's bound, widened by the stamp's resolution; RFC 5905 (root distance);
//          Marzullo's algorithm.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "lagcalc/clocks/interval.h"
#include "lagcalc/stamp.h"
#include "lagcalc/units.h"

namespace longspan {

struct OffsetBound {
  std::int64_t us = 0;
  bool assumed = false;
  friend constexpr bool operator==(OffsetBound, OffsetBound) = default;
};

// theta is in [low, high]; low > high where bounds contradict each other.
struct OffsetBounds {
  std::optional<OffsetBound> low;
  std::optional<OffsetBound> high;
  friend constexpr bool operator==(const OffsetBounds&, const OffsetBounds&) = default;

  [[nodiscard]] constexpr bool is_empty() const { return low && high && low->us > high->us; }
  [[nodiscard]] constexpr bool is_closed() const { return low && high; }
  // Of closed bounds.
  [[nodiscard]] constexpr std::int64_t width_us() const { return high->us - low->us; }
  // As a value for people and metrics.
  [[nodiscard]] DurationInterval interval() const;
};

// The clock was asked and answered with a stamp: sent <= written <= answered.
struct ClockSample {
  Instant sent;      // not later than it was; rounded down
  Instant answered;  // not earlier than it was; rounded up
  Stamp stamp;
};
// [stamp - answered, stamp + resolution - sent]; absent when the answer is older than the question
// or a time is out of range.
[[nodiscard]] std::optional<OffsetBounds> bounds_of(const ClockSample& sample);

// A record's timestamp; absent where it is none, or out of range.
[[nodiscard]] constexpr std::optional<Stamp> stamp_of(TimestampMs written) {
  constexpr std::int32_t kMsInUs = 1000;
  if (written.value < 0 || written.value > kTimeMaxUs / kMsInUs) return std::nullopt;
  return Stamp{{written.value * kMsInUs}, kMsInUs};
}

// What an order of events says of the clock that wrote the stamp: one side each.
[[nodiscard]] OffsetBounds written_not_after(Stamp stamp, Instant event);   // theta >= ...
[[nodiscard]] OffsetBounds written_not_before(Stamp stamp, Instant event);  // theta <= ...

// What a host's time service (chrony, adjtimex) says of the host's clock against UTC.
struct HostError {
  DurationUs offset;  // host - UTC, estimated
  DurationUs root_dispersion;
  DurationUs root_delay;
};
// |offset| + root dispersion + root delay / 2.
[[nodiscard]] DurationUs error_max(const HostError& error);
// Of a clock on one host against longspan's timeline on another; `wall_offset` as in timeline.h.
[[nodiscard]] OffsetBounds host_bounds(const HostError& clock, const HostError& longspan,
                                       DurationUs wall_offset);

[[nodiscard]] OffsetBounds intersection(const OffsetBounds& a, const OffsetBounds& b);
[[nodiscard]] OffsetBounds hull(const OffsetBounds& a, const OffsetBounds& b);
// Each side further out by what a clock drifts in that time.
[[nodiscard]] OffsetBounds widened(const OffsetBounds& bounds, std::int64_t by_us);
[[nodiscard]] std::int64_t drift_us(std::int64_t elapsed_us, std::int32_t drift_ppm_max);

// What several sources say of one clock: the smallest bounds that most of them share (Marzullo).
struct Agreement {
  OffsetBounds bounds;        // the hull of all where no majority agrees
  std::int32_t agreeing = 0;  // how many share the bounds; less than all: some are wrong
};
// At most kSourcesMax are looked at.
inline constexpr std::size_t kSourcesMax = 8;
[[nodiscard]] Agreement agreement(std::span<const OffsetBounds> sources);

// `measured` by samples or time services; `by_order` from orders of events. A side that is not
// measured is within `max_error` (clock.<domain>.max.error.ms; absent: `none`) of longspan's clock,
// and marked so, unless an order of events bounds it closer. One that orders refute is absent.
[[nodiscard]] OffsetBounds resolved(const OffsetBounds& measured, const OffsetBounds& by_order,
                                    std::optional<DurationUs> max_error);
inline constexpr DurationUs kMaxErrorDefault{100'000};

}  // namespace longspan
