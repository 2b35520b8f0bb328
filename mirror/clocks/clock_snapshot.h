// mirror/clocks/clock_snapshot.h - what is shown of one clock.
//
// Units:   microseconds; a positive offset is a clock that is ahead of ours.
// Errors:  none. What is not known is absent.
// Threads: a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lagcalc/clocks/clock_offset.h"
#include "lagcalc/clocks/interval.h"

namespace longspan {

struct ClockSnapshot {
  std::string clock;  // "host", "database", "connector", "source_broker-3"
  // From longspan's timeline; of the host from UTC, as its kernel says.
  DurationInterval offset;
  bool low_is_assumed = false;
  bool high_is_assumed = false;
  bool is_in_doubt = false;  // a step that is not confirmed yet
  std::int64_t probes_total = 0;
  std::int64_t failures_total = 0;
  std::int64_t steps_total = 0;
  std::optional<std::int64_t> age_ms;  // since it last answered; absent: it never did
  std::string trouble;                 // why it is not measured; empty: it is, or is not meant to
  std::optional<std::int64_t> stepped_ago_ms = {};
  friend bool operator==(const ClockSnapshot&, const ClockSnapshot&) = default;

  // What orders of events say takes the place of what is assumed; an assumption that they refute
  // goes. `max_error`: what is assumed of this clock.
  void learn(const OffsetBounds& by_order, std::optional<DurationUs> max_error);
};

}  // namespace longspan
