// mirror/traces/traced_record.h - what is kept of a record whose hops become spans.
//
// Units:   source offsets; times of the shard's steady clock, and of longspan's timeline.
// Errors:  none.
// Threads: one shard's.
// Owns:    itself: the watch that follows it, the sampler of slow ones and the copy that waits for
//          a sink's commit share it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lagcalc/clocks/record_times.h"
#include "lagcalc/topic_partition.h"
#include "lagcalc/units.h"
#include "mirror/traces/hop_ids.h"
#include "tracing/context/trace_id.h"
#include "tracing/spans/span.h"

namespace longspan {

// What all records of a partition have in common.
struct TracedPartition {
  std::string flow;
  TopicPartition source;
  TopicPartition target;
  std::string source_cluster;  // its id; empty: not known
  std::string target_cluster;
  HopIds ids;
};

// What one look into the queue gave of a partition, where some of it has spans.
struct TracedBatch {
  std::shared_ptr<const TracedPartition> of;
  SpanIds ids;
  std::int64_t records = 0;
  std::chrono::steady_clock::time_point fetched_at{};
  std::vector<SpanLink> links;      // to the hops of those with spans
  std::uint32_t dropped_links = 0;  // beyond kLinksMax
  bool is_sampled = false;          // one of them is
  std::optional<Instant> ended;     // the last of them was told
};

struct TracedRecord {
  struct Incoming {
    SpanIds ids;
    std::optional<bool> sampled;
    std::string tracestate;
  };
  // Of a group that committed behind it, before its spans were told.
  struct SinkEnd {
    std::string group;
    RecordTimes times;
  };

  std::shared_ptr<const TracedPartition> of;
  std::shared_ptr<TracedBatch> batch;  // it came in; null: that has no span, or it is told
  Offset source;
  TraceId trace;                     // of its spans
  std::optional<Incoming> incoming;  // absent: it came in no trace
  bool is_linked = false;            // to the incoming one; else its child
  bool is_recorded = false;          // decided before; else kept only if it is slow or fails
  bool is_sampled = false;           // as the flag of its spans says
  bool is_random = false;
  bool is_tombstone = false;
  std::int64_t bytes = 0;  // of key and value
  std::chrono::steady_clock::time_point fetched_at{};

  std::optional<Offset> target;      // once it is there
  std::optional<RecordTimes> times;  // the same
  std::optional<Instant> ended;      // where it never came there
  std::string failure;               // why; empty: it did
  std::vector<SpanEvent> events;
  std::vector<SinkEnd> sinks;
  bool is_told = false;  // its spans left
};
using TraceHandle = std::shared_ptr<TracedRecord>;

}  // namespace longspan
