// mirror/hops/group_snapshot.h - where a consumer group stands in a topic that is mirrored, or in
// its copy.
//
// Units:   offsets of the group's side, and Records; microseconds and milliseconds as named;
//          latencies in seconds.
// Errors:  none. What is not known is absent; a sum is absent where a part of it is.
// Threads: values.
// Source:  lagcalc/group_lag.h; ARCHITECTURE.md, "Time".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lagcalc/group_lag.h"
#include "mirror/event.h"
#include "mirror/hops/topic_hops.h"

namespace longspan {

struct GroupPartitionSnapshot {
  std::int32_t partition = 0;
  Offset committed;
  std::optional<TimestampMs> committed_at;  // the coordinator's clock
  GroupLag lag;
};

// Of what a group committed behind sampled records.
struct GroupLatency {
  HopLatency end_to_end;             // WAL commit -> sink commit
  HopLatency append_to_sink_commit;  // target append -> sink commit

  void merge(const GroupLatency& other) {
    end_to_end.merge(other.end_to_end);
    append_to_sink_commit.merge(other.append_to_sink_commit);
  }
};

struct GroupSnapshot {
  EventSide side = EventSide::target;  // whose group it is
  std::string group;
  std::string topic;  // at the source
  std::string target_topic;
  GroupState state = GroupState::unknown;
  std::array<std::int64_t, kLagStates.size()> partitions_by_state{};  // by LagState
  Records offset_lag;                             // of the partitions where it is known
  std::int64_t unknown_lags = 0;                  // the others
  std::optional<AgeRange> head_age = AgeRange{};  // the greatest; absent: one is not known
  std::optional<std::int64_t> waits_us = {};      // some record waits so long, at least
  std::optional<std::int64_t> catch_up_ms = 0;    // the same as head_age
  std::optional<std::int32_t> worst_partition;    // by its offset lag
  Records worst_lag;
  GroupLatency latency;
  std::optional<GroupLatency> recent = {};  // of the last one to two minutes; absent: nothing was
  std::vector<GroupPartitionSnapshot> partitions;  // by number; see GroupWatch's limits
  std::int64_t partitions_not_shown = 0;

  void add(const GroupPartitionSnapshot& partition);
  // Absent where it is not known of any partition.
  [[nodiscard]] std::optional<Records> known_lag() const;
  // Nobody knows any more where the log ends: neither lags nor ages are known.
  void forget_ends();
  // Of the same group and topic, of other partitions.
  void merge(const GroupSnapshot& other);
};

}  // namespace longspan
