// mirror/log_reading.h - reads a range of one partition, once, for commands that look.
//
// Only reads, at explicit offsets and without a group.
//
// Units:   offsets of the log that is read.
// Errors:  the partition cannot be read, or nothing comes for kStateSilence; where that is said,
//          `where` names the partition.
// Threads: the caller's; it has the source to itself meanwhile.
// Owns:    nothing; what StateReader names outlives the call. A record is valid during its visit.
// Limits:  one delivery of the source in memory.
#pragma once

#include <functional>

#include "lagcalc/result.h"
#include "lagcalc/topic_partition.h"
#include "mirror/admin.h"
#include "mirror/record.h"
#include "mirror/state/flow_state.h"

namespace longspan {

// False: enough was read.
using LogVisit = std::function<bool(const Record& record)>;

// The records of [range.from, range.to) that are there, in their order.
[[nodiscard]] Result<void> read_log(const StateReader& log, const TopicPartition& partition,
                                    const OffsetRange& range, const LogVisit& visit,
                                    const ReadProgress& progress = {});

// Where the log of one partition begins and ends; an error where the cluster has no such partition.
[[nodiscard]] Result<PartitionEnds> ends_of(Admin& admin, const TopicPartition& partition);

}  // namespace longspan
