// mirror/snapshot.h - what is known of a flow at one moment: the value behind every view of it.
//
// A running process copies it out of its shards; `longspan lag` builds the same value from the
// state topic and the clusters. The table, the JSON API, /metrics and the demo only render it.
//
// Units:   offsets and Records; milliseconds; records and bytes per second.
// Errors:  none. What is not known is absent; `trouble` and `reason` say why in one sentence.
// Threads: a value.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lagcalc/histogram.h"
#include "lagcalc/topic_partition.h"
#include "lagcalc/units.h"
#include "lagcalc/why/cause_span.h"
#include "lagcalc/why/diagnosis.h"
#include "mirror/clocks/clock_snapshot.h"
#include "mirror/event.h"
#include "mirror/hops/connectors.h"
#include "mirror/hops/group_snapshot.h"
#include "mirror/hops/latest_times.h"
#include "mirror/hops/slo_watch.h"
#include "mirror/hops/slowest_record.h"
#include "mirror/hops/topic_hops.h"
#include "mirror/priority.h"
#include "mirror/schemas/framing.h"
#include "mirror/schemas/status.h"
#include "mirror/state/records.h"
#include "mirror/traces/trace_examples.h"
#include "mirror/traces/trace_figures.h"
#include "mirror/why/load.h"
#include "mirror/why/waits.h"

namespace longspan {

struct PartitionSnapshot {
  TopicPartition source;
  std::string target_topic;
  std::int32_t slot = 0;
  PartitionState state = PartitionState::active;
  std::string reason;  // of paused or parked, or why an active one is not read at the moment
  Priority priority = Priority::normal;
  bool is_suspected = false;  // who reads on may die of it
  Offset next_source;         // mirrored up to, exclusive
  Offset next_target;
  std::optional<Offset> source_end;  // end of the readable log (last stable offset)
  std::optional<Records> offset_lag;
  std::optional<std::int64_t>
      head_age_ms;  // now - timestamp of the oldest unmirrored record; 0 when caught up
  std::optional<std::int64_t> catch_up_ms;  // at the present rates; absent when it will not
  std::optional<double> records_per_second;
  std::optional<double> bytes_per_second;
  std::int64_t records_total = 0;  // acknowledged since this process started
  std::int64_t bytes_total = 0;
  std::int64_t records_in_flight = 0;
  std::int64_t written_twice_total = 0;       // second copies found on the target
  std::optional<TimestampMs> last_timestamp;  // of the newest mirrored record
  std::optional<TimestampMs> position_written_at;
  std::optional<LatestTimes> latest = {};  // of the newest record that was followed
  std::optional<SlowestRecord> slowest = {};
  // The offset lag times the mean size of records mirrored lately.
  std::optional<std::int64_t> bytes_lag_estimate = {};
  Waits waits = {};
};

struct SlotSnapshot {
  std::int32_t slot = 0;
  std::optional<Owner> owner;
};

struct TopicSnapshot {
  std::string source;  // source topic
  std::string target;
  std::string reason;              // why no partition of it is mirrored; empty: it is
  Histogram mirror_latency;        // record timestamp -> acknowledged, seconds
  Histogram residence;             // fetched -> acknowledged, seconds
  std::int64_t refused_total = 0;  // records that the target refused and that were left out
  std::optional<TopicFraming> framing = {};        // absent: its records wait for no schema
  std::optional<TopicHops> hops = {};              // absent: no record of it was sampled
  std::optional<TopicHops> recent_hops = {};       // the same of the last one to two minutes
  std::optional<HeartbeatRhythm> heartbeats = {};  // absent: it has none, or they are not here
  // Of this process's partitions together; absent where it is not known of one of them.
  std::optional<std::int64_t> bytes_lag_estimate = {};
};

// Records that had to wait for a schema, since the process started.
struct GateSnapshot {
  std::int64_t holds_total = 0;    // times a partition began to wait
  std::int64_t unknown_total = 0;  // records that went on although their schema was not known
  std::int64_t waiting = 0;        // partitions, now

  void add(const GateSnapshot& other) {
    holds_total += other.holds_total;
    unknown_total += other.unknown_total;
    waiting += other.waiting;
  }
};

inline constexpr std::size_t kRecentEventsMax = 200;

// What was read of the topics of one priority, and what held it back, since the process started.
struct PrioritySnapshot {
  std::int64_t bytes_read_total = 0;
  std::int64_t throttled_total_ms = 0;  // of all shards: several may wait at once
  std::int64_t yielded_total_ms = 0;
  std::int64_t in_flight_bytes = 0;      // to the target, with what each record costs beside
  std::int64_t in_flight_bytes_max = 0;  // at the moment
  std::optional<double> throttle_bytes_per_second;  // in force in this process; absent: none

  void add(const PrioritySnapshot& other) {
    bytes_read_total += other.bytes_read_total;
    throttled_total_ms += other.throttled_total_ms;
    yielded_total_ms += other.yielded_total_ms;
    in_flight_bytes += other.in_flight_bytes;
    in_flight_bytes_max += other.in_flight_bytes_max;
  }
};

struct SlotEvent {
  std::int32_t slot = 0;
  Event event;
};

// What this process wrote of the flow's history, since it started.
struct MarksStatus {
  std::int64_t bytes_total = 0;    // before compression
  std::int64_t dropped_total = 0;  // sets that could not be written when their time came
};

struct FlowSnapshot {
  std::string flow;  // "east->west"
  TimestampMs at;
  bool running = false;  // some process owns slots now
  std::optional<TimestampMs> not_running_since;
  std::optional<std::string> source_trouble;  // "unreachable since ...", absent when fine
  std::optional<std::string> target_trouble;
  std::vector<SlotSnapshot> slots;  // those known here
  std::vector<PartitionSnapshot> partitions;
  std::vector<TopicSnapshot> topics;
  std::vector<ConnectorSnapshot> connectors;       // whose heartbeats are mirrored here
  std::vector<SloStatus> slos;                     // of what this process followed
  std::vector<GroupSnapshot> groups;               // by side, name and topic
  std::map<EventKind, std::int64_t> events_total;  // since this process started
  std::vector<SlotEvent> recent_events;  // of this process, the newest kRecentEventsMax a shard
  std::int64_t memory_in_flight_bytes = 0;
  std::int64_t backpressure_total = 0;  // times reading stopped for the in-flight limit
  std::array<PrioritySnapshot, 2> priorities;
  std::optional<std::string> schema_trouble;  // why ids may mean something else on the target
  std::optional<GateSnapshot> gate;           // absent: nothing waits for schemas
  std::optional<SchemaStatus> schemas;        // absent: no registries, or another process's duty
  std::vector<ClockSnapshot> clocks = {};     // as the process sees them that was asked
  std::optional<MarksStatus> marks = {};      // absent: not started yet
  std::optional<TraceFigures> traces = {};    // absent: no topic has any, or nobody wants them
  TraceExamples examples = {};                // of what the histograms hold
  std::optional<std::int64_t> source_silent_ms = {};  // absent: it answers, or nothing is known
  std::optional<std::int64_t> target_silent_ms = {};
  std::optional<std::int32_t> moving_slots = {};  // on their way to or from a process
  std::optional<std::int64_t> slots_moving_ms = {};
  std::optional<std::int32_t> slots_total = {};  // of all processes; absent: not known yet
  // Of slots that the process lost, until the group answers again: somebody else may have them.
  std::optional<std::int64_t> lost_partitions = {};
  std::optional<LoadSnapshot> load = {};      // of the process that is asked
  std::optional<Diagnoses> why = {};          // why it is late; absent: nobody asked
  std::vector<CauseSpan> causes_before = {};  // of history: found in the minute before `at`
  // False: no process was asked, so that every *_total and what is in flight is unknown.
  bool has_counts = true;
};

struct ProcessSnapshot {
  TimestampMs at;
  TimestampMs started_at;
  std::string version;
  bool ready = false;  // every flow holds its slots or knows that others do
  std::vector<FlowSnapshot> flows;
};

}  // namespace longspan
