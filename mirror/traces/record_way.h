// mirror/traces/record_way.h - one record's way, told long after it was mirrored, from what is kept
// of it: its own stamps, the flow's marks and groups' commits.
//
// A process that follows a record knows more (record_times.h): it measures clocks, and sees when it
// fetched and produced it. Here each stamp is put on the timeline of the processes that mirror as
// far as clock.*.max.error.ms says, and is narrowed by the order of waypoints. A waypoint that
// nothing was kept of is absent, and the hop across it is there. One that is known only to lie
// between two others, or two marks, has no point.
//
// Where stamps contradict the order by more than is assumed of their clocks, the sides that
// contradict are absent, and counted.
//
// Units:   microseconds.
// Errors:  none.
// Threads: a value; pure functions.
// Source:  ARCHITECTURE.md, "Traces"; record_times.h for the order.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "lagcalc/clocks/record_times.h"
#include "mirror/clocks/clock_config.h"
#include "mirror/marks/history.h"
#include "mirror/traces/hop_ids.h"

namespace longspan {

// Of the same record, and waypoints in their order: it took no less than nothing.
[[nodiscard]] DurationInterval ordered_difference(const InstantInterval& later,
                                                  const InstantInterval& earlier);

struct WayFacts {
  std::optional<Stamp> commit;
  std::optional<Stamp> connector;
  std::optional<Stamp> source_append;
  std::optional<Stamp> target_append;
  std::optional<PassedRecord> passed;  // what marks tell of it
};

class RecordWay {
 public:
  RecordWay(const WayFacts& facts, const ClockConfig& clocks);

  // Absent: nothing was kept of it.
  [[nodiscard]] const std::optional<InstantInterval>& at(Waypoint waypoint) const {
    return at_[static_cast<std::size_t>(waypoint)];
  }
  // Of those that are there; absent: one is not, or neither side is known.
  [[nodiscard]] std::optional<DurationInterval> between(Waypoint earlier, Waypoint later) const;
  [[nodiscard]] std::int32_t contradictions() const { return contradictions_; }
  // That marks tell when just this record was fetched and acknowledged.
  [[nodiscard]] bool is_followed() const { return is_followed_; }

 private:
  void place(Waypoint waypoint, const std::optional<Stamp>& stamp,
             std::optional<DurationUs> max_error);
  void place_mirrored(const WayFacts& facts);
  void drop_contradicting();
  void narrow();

  std::array<std::optional<InstantInterval>, kWaypoints> at_{};
  std::optional<Instant> acked_by_;
  std::int32_t contradictions_ = 0;
  bool is_followed_ = false;
};

// A group's commit behind the record, and the one before it.
struct SinkFacts {
  Stamp commit;
  std::optional<Stamp> previous;
  CommitOrder order = CommitOrder::after_processing;
};
// When the group was done with it: from its append until the commit. The point is half way from the
// append, or the commit before, as `longspan lag` has it. Absent: nothing is known of the append.
[[nodiscard]] std::optional<InstantInterval> sink_at(const RecordWay& way, const SinkFacts& facts,
                                                     const ClockConfig& clocks);

// From a waypoint to the next one that something is known of.
struct WayHop {
  Waypoint from{};
  Waypoint to{};
  DurationInterval took;
  HopSpan span{};  // that a process of the flow makes of it
};
// In their order, up to the target's append.
[[nodiscard]] std::vector<WayHop> hops_of(const RecordWay& way);

}  // namespace longspan
