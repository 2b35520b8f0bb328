// mirror/late_window.h - which source records the late requests of former owners may still hold.
//
// A request that a dead, cut off or frozen owner has sent may be written long after its successor
// looked at the target. It holds records from the position of that take-over on, for everything
// before was acknowledged. So the oldest take-over of the last hour says how far back such a
// request can reach. Two generations of take-overs are kept instead of a list: however many there
// were, the answer reaches back one hour at least and two at most.
//
// Units:   source offsets; wall clock in ms (it is persisted with the position).
// Errors:  none.
// Threads: a value.
// Source:  ARCHITECTURE.md, "Late requests".
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "lagcalc/units.h"

namespace longspan {

struct LateWindow {
  static constexpr std::chrono::milliseconds kLatest = std::chrono::hours(1);

  Offset older;  // the oldest position a late request may begin at
  Offset newer;
  TimestampMs newer_since;

  // Writing begins at `position` with a new producer, here or in another process.
  static LateWindow with(const std::optional<LateWindow>& before, Offset position,
                         TimestampMs now) {
    if (!before) return {position, position, now};
    const std::chrono::milliseconds age(now - before->newer_since);
    if (age <= kLatest) return *before;
    // A position can be set back.
    const Offset older = std::min(before->newer, position);
    return {age <= 2 * kLatest ? older : position, position, now};
  }
  // What comes now from elsewhere may be a former owner's.
  [[nodiscard]] bool is_open(TimestampMs now) const {
    return std::chrono::milliseconds(now - newer_since) <= 2 * kLatest;
  }
  friend bool operator==(const LateWindow&, const LateWindow&) = default;
};

}  // namespace longspan
