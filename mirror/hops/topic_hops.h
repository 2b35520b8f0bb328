// mirror/hops/topic_hops.h - how long the records of a topic took from waypoint to waypoint.
//
// Units:   seconds.
// Errors:  none. A hop whose waypoints are not known is counted as absent and is in no histogram.
// Threads: values.
// Limits:  kHops; of each at most three histograms.
// Source:  ARCHITECTURE.md, "Time".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "lagcalc/clocks/record_times.h"
#include "lagcalc/histogram.h"
#include "lagcalc/stamps/change_stamps.h"

namespace longspan {

struct Hop {
  Waypoint from{};
  Waypoint to{};
  std::string_view name;
  bool is_within = false;  // kept as [low, point, high]; of others so only in the last minutes
};

// One row a hop. Where a topic's timestamps are CreateTime nobody knows when the source appended
// its records: the hop across it is there.
inline constexpr std::array kHops = {
    Hop{Waypoint::commit, Waypoint::connector, "commit_to_connector"},
    Hop{Waypoint::connector, Waypoint::source_append, "connector_to_source_append"},
    Hop{Waypoint::source_append, Waypoint::fetched, "source_append_to_fetched"},
    Hop{Waypoint::connector, Waypoint::fetched, "connector_to_fetched"},
    Hop{Waypoint::fetched, Waypoint::produced, "fetched_to_produced"},
    Hop{Waypoint::produced, Waypoint::target_append, "produced_to_target_append"},
    Hop{Waypoint::commit, Waypoint::target_append, "commit_to_target_append", true},
};

struct HopLatency {
  Histogram point;
  Histogram low;  // of a hop that is_within; of each in `recent_hops`
  Histogram high;
  HopTally tally;
  bool is_assumed = false;  // a side of the latest one rests on what was configured

  // `is_within`: the bounds, too.
  void record(const std::optional<DurationInterval>& took, std::uint64_t count, bool is_within);
  void merge(const HopLatency& other);
  friend bool operator==(const HopLatency&, const HopLatency&) = default;
};

struct TopicHops {
  std::array<HopLatency, kHops.size()> hops;
  // By NoCommit: sampled records that are left out of what begins at the commit.
  std::array<std::uint64_t, kNoCommits.size()> without_commit{};
  std::uint64_t sampled_total = 0;
  std::uint64_t contradictions_total = 0;    // see record_times.h
  std::optional<TimestampUs> newest_commit;  // by the database's clock

  // Of one of kHops.
  [[nodiscard]] const HopLatency& of(const Hop& hop) const {
    return hops[static_cast<std::size_t>(&hop - kHops.data())];
  }
  void merge(const TopicHops& other);
  friend bool operator==(const TopicHops&, const TopicHops&) = default;
};

}  // namespace longspan
