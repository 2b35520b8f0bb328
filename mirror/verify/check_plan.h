// mirror/verify/check_plan.h - which ranges of both logs one partition's check reads.
//
// What has expired on either side, and what the mirror has not reached, is left out beforehand.
//
// Units:   offsets; ranges half-open.
// Threads: pure functions over values.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "lagcalc/offset_map.h"
#include "lagcalc/topic_partition.h"
#include "mirror/admin.h"
#include "mirror/traces/copy_context.h"
#include "mirror/verify/verdict.h"

namespace longspan {

// What the user asks for.
struct AskedRange {
  std::optional<Offset> from;        // source offset, inclusive
  std::optional<Offset> to;          // source offset, exclusive
  std::optional<std::int64_t> last;  // only so many offsets before the end of the range
};

struct CheckSubject {
  TopicPartition source;
  TopicPartition target;
  OffsetMap map;
  std::set<Offset> left_out = {};    // source offsets of dead letters
  std::vector<ToldRange> told = {};  // what is not on the target by an event
  bool is_suspected = false;         // processes died, perhaps of reading it: it is not read
  // How trace headers are written where the topic is reparented, now or once; absent: never.
  std::optional<RewriteRule> rewrites = {};
  bool is_reparented = false;  // now
  bool source_compacted = false;
  bool target_compacted = false;
  // When another topic had taken its name: older letters are not about this one.
  TimestampMs created_at = {};
};

struct CheckPlan {
  Offset source_from;  // the first that is verified
  Offset source_to;
  Offset source_read_from;  // <= source_from; what is before only tells second copies
  Offset target_from;
  Offset target_to;
  Offset first_copy;         // target records before it that are no copies are not the mirror's
  bool has_extras = false;   // the map has target offsets without a source record
  std::int64_t expired = 0;  // mapped records of the range that one side has deleted
  std::string narrowed;      // why not all of what was asked for is verified

  [[nodiscard]] bool is_empty() const { return source_from >= source_to; }
  [[nodiscard]] Records size() const { return is_empty() ? Records{} : source_to - source_from; }
};

// The range begins at the first record that is mapped, or that an event accounts for in front of
// it.
[[nodiscard]] CheckPlan plan_check(const CheckSubject& subject, const PartitionEnds& source,
                                   const PartitionEnds& target, const AskedRange& asked);

}  // namespace longspan
