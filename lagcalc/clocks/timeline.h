// lagcalc/clocks/timeline.h - longspan's own time: the host's wall clock when the process started,
// carried on by a clock that is never set.
//
// So a step of the host's wall clock moves no instant and no offset of another clock: it is told
// apart by the two clocks of the host alone, and reported.
//
// Units:   microseconds. `steady` counts while the machine is suspended, too (CLOCK_BOOTTIME):
//          otherwise a suspension would look like a step of every other clock.
// Errors:  none.
// Threads: at() may be called by several threads at once, observe() by one and by no other then.
// Limits:  a fixed 64 bytes.
#pragma once

#include <cstdint>
#include <optional>

#include "lagcalc/clocks/clock_id.h"
#include "lagcalc/clocks/interval.h"

namespace longspan {

// Both clocks of the host, read one right after the other.
struct Reading {
  std::int64_t wall_us = 0;
  std::int64_t steady_us = 0;
};

class Timeline {
 public:
  // Two clocks are not read at once: up to this a difference is the reader's, or a slow adjustment.
  static constexpr DurationUs kTolerance{10'000};

  explicit Timeline(Reading start) : start_(start) {}

  [[nodiscard]] Instant at(std::int64_t steady_us) const {
    return {start_.wall_us + (steady_us - start_.steady_us)};
  }

  // Every second or so. A step is one that the next reading confirms.
  std::optional<ClockStep> observe(Reading now);

  // Host's wall clock - timeline: 0 until the wall clock is set. What a time service says of the
  // host's clock is carried to the timeline by it.
  [[nodiscard]] DurationUs wall_offset() const { return wall_offset_; }

 private:
  struct Suspect {
    DurationUs wall_offset;
    Instant at;
  };
  Reading start_;
  DurationUs wall_offset_;
  std::optional<Suspect> suspect_;
};

}  // namespace longspan
