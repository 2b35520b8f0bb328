// lagcalc/why/facts.h - what is known of a flow when it is asked why it is late.
//
// Units:   milliseconds and records as named; rates per second; ratios are parts of the time of the
//          last seconds, 0 to 1. Times since something are by longspan's clock alone.
// Errors:  none. What is not known is absent; then no rule that needs it says anything. 0 is known.
// Threads: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lagcalc/group_state.h"
#include "lagcalc/heartbeat_rhythm.h"
#include "lagcalc/topic_partition.h"
#include "lagcalc/units.h"

namespace longspan {

enum class Standing : std::uint8_t { active, paused, parked };

struct PartitionFacts {
  TopicPartition source;
  Standing standing = Standing::active;
  std::string reason = {};  // of paused and parked
  std::optional<Records> offset_lag = {};
  std::optional<std::int64_t> behind_ms = {};  // since the source's end was where the mirror is now
  std::optional<std::int64_t> head_age_ms = {};
  std::optional<std::int64_t> catch_up_ms = {};
  std::optional<double> records_per_second = {};
  std::optional<double> source_records_per_second = {};
  // Of a transaction that is open at the end of what can be read; 0: there is none.
  std::optional<std::int64_t> open_transaction_ms = {};
  std::optional<Records> behind_transaction = {};         // that cannot be read until it ends
  std::optional<std::int64_t> unacknowledged_ms = {};     // since the target took anything; 0: of
                                                          // nothing is an answer awaited
  std::optional<std::int64_t> schema_wait_ms = {};        // 0: it waits for none
  std::optional<std::int64_t> source_leaderless_ms = {};  // 0: it has a leader
  bool is_leaderless_longer = false;      // since when it has none nobody here has seen
  std::optional<bool> is_throttled = {};  // by a throttle.* of the file
};

struct ConnectorFacts {
  std::string prefix;
  Liveness liveness = Liveness::unknown;
  std::optional<std::int64_t> heartbeat_age_ms = {};
  std::optional<std::int64_t> heartbeat_interval_ms = {};
  std::optional<std::int64_t> newest_commit_age_ms = {};  // the database's clock against ours
};

// Of the newest record that was followed lately, from its commit to its connector.
struct TopicFacts {
  std::string topic;
  std::optional<std::int64_t> commit_to_connector_ms = {};
};

struct GroupFacts {
  std::string group;
  std::string topic;
  GroupState state = GroupState::unknown;
  std::optional<Records> offset_lag = {};
  std::optional<std::int64_t> head_age_ms = {};  // at least
  std::optional<std::int64_t> catch_up_ms = {};
  std::optional<std::int64_t> commit_age_ms = {};  // of its newest commit
  std::optional<std::int32_t> worst_partition = {};
};

struct ClockFacts {
  std::string clock;
  std::optional<std::int64_t> stepped_ago_ms = {};
};

struct SideFacts {
  std::optional<bool> answers = {};
  std::string trouble = {};                    // why it does not
  std::optional<std::int64_t> silent_ms = {};  // for how long; absent: it answers, or not known
  std::optional<double> throttle_ratio = {};   // throttle time that its brokers told
  std::optional<std::int64_t> round_trip_ms = {};
  std::optional<double> client_cpu_ratio = {};  // the busiest thread of its clients
};

struct FlowFacts {
  SideFacts source;
  SideFacts target;
  std::optional<bool> is_running = {};
  std::optional<std::int64_t> not_running_ms = {};
  // Given to a process that does not work on them yet, or taken from one, or without an owner.
  std::optional<std::int32_t> moving_slots = {};
  std::optional<std::int64_t> moving_ms = {};     // since when there are such
  std::optional<std::int64_t> moved_ago_ms = {};  // since one last came to its new process
  std::optional<double> shard_cpu_ratio = {};     // of the busiest shard, as the two next ones
  std::optional<double> source_wait_ratio = {};   // all that came is handed on, more is there
  std::optional<double> target_wait_ratio = {};   // the sink takes no more
  std::optional<std::int64_t> in_flight_bytes = {};
  std::optional<std::int64_t> in_flight_bytes_max = {};
  std::optional<bool> is_window_reduced =
      {};  // acknowledgements take long, so less is sent at once
  std::optional<std::int64_t> acknowledgement_ms = {};
  std::optional<std::int64_t> best_acknowledgement_ms = {};
  // Those of this process, or all; complete: `partitions` has every one that is mirrored here.
  std::vector<PartitionFacts> partitions = {};
  std::vector<TopicFacts> topics = {};
  std::vector<ConnectorFacts> connectors = {};
  std::vector<GroupFacts> groups = {};
  std::vector<ClockFacts> clocks = {};
};

}  // namespace longspan
