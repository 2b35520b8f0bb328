// mirror/groups/sink_report.h - a sink says what it has processed, and when.
//
// A better witness than its group's commits: no commit interval lies between, and the time is the
// sink's own. Any process of the flow takes it (sink_commits.h).
//
// Units:   `offset` is of the last record that is done with, in a partition of the target; what
//          lies before it is, too.
// Errors:  none.
// Threads: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "lagcalc/topic_partition.h"
#include "lagcalc/units.h"

namespace longspan {

struct SinkReport {
  std::string sink;  // shown as the group "sink:NAME"
  TopicPartition partition;
  Offset offset;
  std::optional<TimestampMs> at = {};  // the sink's clock; absent: when the report came
};

// What became of a report; of several flows the last one of these holds.
enum class SinkReportFate : std::uint8_t {
  is_off,        // latencies of groups are not wanted
  not_mirrored,  // the flow has no such partition on its target, as far as it knows
  too_many_sinks,
  busy,  // to be sent again
  taken,
};
inline constexpr std::size_t kSinkReportFates = 5;

}  // namespace longspan
