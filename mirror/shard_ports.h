// mirror/shard_ports.h - what a shard is given, and what it shows of itself.
//
// Units:   bytes.
// Errors:  none here.
// Threads: values. What the ports point to outlives the shard; the inbox and the flow's wakeup are
//          shared with others, the shard's own wakeup, the clients it makes and the clock are not.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mirror/clocks/clock_watch.h"
#include "mirror/hops/writer_schemas.h"
#include "mirror/inbox.h"
#include "mirror/kafka/clients.h"
#include "mirror/ports.h"
#include "mirror/read_budget.h"
#include "mirror/schemas/gate.h"
#include "mirror/shard_messages.h"
#include "mirror/snapshot.h"
#include "mirror/traces/trace_watch.h"
#include "mirror/trial.h"

namespace longspan {

struct ShardLimits {
  std::int64_t source_bytes_max = 96LL << 20;
  std::int64_t sink_bytes_max = 96LL << 20;
  std::chrono::microseconds source_round_trip{1000};
  std::chrono::microseconds target_round_trip{1000};
  std::int64_t samples_per_second = 1'000;  // records whose hops are looked at; 0: none
  bool watches_groups = false;              // commits of consumer groups come in
  bool watches_source_groups = false;       // of the source's, too
  Records one_by_one{1000};  // how far behind a refused record the next ones go one by one
};

struct ShardPorts {
  std::function<Result<std::unique_ptr<Source>>(const SourceLimits&)> make_source;
  std::function<Result<std::unique_ptr<Source>>(const SourceLimits&)> make_target_reader;
  std::function<Result<std::unique_ptr<Sink>>(const SinkLimits&)> make_sink;
  Clock& clock;
  Wakeup& wakeup;  // the shard's own
  Inbox<ShardNotice>& notices;
  Wakeup& flow_wakeup;  // told after every notice
  // Only for offset syncs that are asked for at the source.
  std::function<Result<std::unique_ptr<Sink>>(const SinkLimits&)> make_source_sink = {};
  ReadBudget* budget = nullptr;        // of all shards of the flow; nullptr: one of its own
  TrialTurn* trial_turn = nullptr;     // the same
  SchemaGate* gate = nullptr;          // nullptr: records wait for no schema
  WriterSchemas* schemas = nullptr;    // nullptr: no times are read out of Avro
  const ClockWatch* clocks = nullptr;  // nullptr: no clock is measured
  SpanSink* spans = nullptr;           // nullptr: nobody wants any
  PathwaySink* pathways = nullptr;     // the same
};

struct ShardConfig {
  std::int32_t index = 0;
  std::int32_t slots = 16;  // of the flow
  std::string process;      // host:pid
  ShardLimits limits;
  TimestampMs started_at = {};  // of the process
  TraceConfig traces = {};
};

// What a shard tells about itself, by value.
struct ShardSnapshot {
  std::vector<PartitionSnapshot> partitions;
  std::map<std::string, TopicSnapshot> topics;  // by source topic
  std::map<EventKind, std::int64_t> events_total;
  std::vector<SlotEvent> recent_events;
  std::int64_t in_flight_bytes = 0;
  std::int64_t backpressure_total = 0;
  std::array<PrioritySnapshot, 2> priorities;
  LoadSnapshot load;
  std::int64_t source_down_ms = 0;  // since no broker of it answers; 0: one does
  std::int64_t target_down_ms = 0;
  GateSnapshot gate;
  std::shared_ptr<const std::vector<GroupSnapshot>> groups;
  std::shared_ptr<const std::vector<GroupSnapshot>> source_groups;
  SloWatch::Snapshot slos;
  std::optional<TraceFigures> traces;             // absent: no topic has any, or nobody wants them
  std::shared_ptr<const TraceExamples> examples;  // null: none
  std::map<std::int32_t, OffsetBounds> source_brokers;  // by order of events, by node id
  std::optional<std::string> source_trouble;
  std::optional<std::string> target_trouble;
};

}  // namespace longspan
