// mirror/hops/latest_times.h - when the newest followed record of a partition passed each waypoint.
//
// Units:   milliseconds since 1970 of the clock that wrote them: commit of the database's,
//          connector of the connector's, source_append of the leader's, the others of longspan's
//          timeline. Their differences are not corrected for what is known of the clocks.
// Errors:  none; what the record does not tell is absent.
// Threads: a value.
#pragma once

#include <optional>

#include "lagcalc/units.h"

namespace longspan {

struct LatestTimes {
  std::optional<TimestampMs> commit;
  std::optional<TimestampMs> connector;
  std::optional<TimestampMs> source_append;
  TimestampMs fetched;
  TimestampMs acked;
  friend bool operator==(const LatestTimes&, const LatestTimes&) = default;
};

}  // namespace longspan
