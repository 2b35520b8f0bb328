// tests/unit/cli/views/rich_snapshot.h - a snapshot in which every member has a value of its own.
//
// One flow east->west: orders:0 knows everything, orders:1 is parked and knows nothing that may be
// unknown, users:10 is paused; topic "secret" is not mirrored. A second flow does not run.
#pragma once

#include "mirror/snapshot.h"

namespace longspan {

inline PartitionSnapshot known_partition() {
  PartitionSnapshot p;
  p.source = {"orders", 0};
  p.target_topic = "east.orders";
  p.slot = 3;
  p.priority = Priority::high;
  p.reason = "throttled";
  p.next_source = {1000};
  p.next_target = {990};
  p.source_end = Offset{1500};
  p.offset_lag = Records{500};
  p.bytes_lag_estimate = 57'199;
  p.head_age_ms = 2500;
  p.catch_up_ms = 12'000;
  p.records_per_second = 125.5;
  p.bytes_per_second = 65'536.25;
  p.records_total = 777;
  p.bytes_total = 88'888;
  p.records_in_flight = 42;
  p.written_twice_total = 2;
  p.last_timestamp = TimestampMs{1'795'222'900'123};
  p.position_written_at = TimestampMs{1'795'222'923'000};
  p.waits = {12'500, 61'000, Records{17}, 1'200, 2'300, 3'400, true, 140.25};
  return p;
}

inline PartitionSnapshot parked_partition() {
  PartitionSnapshot p;
  p.source = {"orders", 1};
  p.target_topic = "east.orders";
  p.slot = 4;
  p.state = PartitionState::parked;
  p.reason = "the target refuses records above 1 MiB";
  p.next_source = {5};
  p.next_target = {5};
  return p;
}

inline PartitionSnapshot paused_partition() {
  PartitionSnapshot p;
  p.source = {"users", 10};
  p.target_topic = "east.users";
  p.slot = 3;
  p.state = PartitionState::paused;
  p.reason = "ann@ops: planned work";
  p.next_source = {20};
  p.next_target = {20};
  p.source_end = Offset{20};
  p.offset_lag = Records{0};
  p.head_age_ms = 0;
  p.catch_up_ms = 0;
  return p;
}

inline GroupSnapshot rich_group() {
  GroupSnapshot group;
  group.group = "warehouse";
  group.topic = "orders";
  group.target_topic = "east.orders";
  group.state = GroupState::stable;
  GroupPartitionSnapshot known{0, {900}, TimestampMs{1'795'222'922'000}, {}};
  known.lag.state = LagState::expired;
  known.lag.offset_lag = Records{90};
  known.lag.expired = Records{3};
  known.lag.head_age = AgeRange{1'500'000, 2'500'000};
  known.lag.doubt = ClockDoubt::ahead;
  known.lag.catch_up_ms = 4'000;
  known.lag.residence = AgeRange{250'000, 750'000};
  group.add(known);
  group.partitions = {known};
  group.partitions_not_shown = 1;
  for (HopLatency* took : {&group.latency.end_to_end, &group.latency.append_to_sink_commit}) {
    took->low.record(0.25, 7);
    took->point.record(0.5, 7);
    took->high.record(1, 7);
    took->tally = {7, 1, 2, 0};
  }
  group.recent = group.latency;
  group.recent->end_to_end.point.record(0.5, 1);
  return group;
}

inline GroupSnapshot unknown_group() {
  GroupSnapshot group;
  group.group = "audit";
  group.topic = "users";
  group.target_topic = "east.users";
  GroupPartitionSnapshot unknown{10, {7}, std::nullopt, {}};
  unknown.lag.state = LagState::known;
  group.add(unknown);
  group.partitions = {unknown};
  return group;
}

inline SloStatus rich_slo() {
  SloStatus slo;
  slo.objective = "orders.*:p99<2s@30d";
  slo.slo = *parse_slo(slo.objective);
  slo.group = "warehouse";
  slo.total = {990, 8, 2};
  slo.in_window = {980, 7, 1};
  slo.since_s = 1'795'219'200;
  for (std::size_t i = 0; i < kBurnRules.size(); ++i) {
    slo.over_long[i] = {100 + i, 3, 1};
    slo.over_short[i] = {10 + i, 2, 0};
  }
  return slo;
}

inline TopicSnapshot rich_topic() {
  TopicSnapshot orders{"orders", "east.orders", "", {}, {}};
  orders.mirror_latency.record(0.0035, 3);
  orders.mirror_latency.record(45.0);
  orders.mirror_latency.record(-0.25, 2);
  orders.residence.record(0.0015, 6);
  orders.framing = TopicFraming{{7, 12}, true, false, false};
  orders.bytes_lag_estimate = 57'199;
  auto& hops = orders.hops.emplace();
  hops.sampled_total = 40;
  hops.contradictions_total = 1;
  hops.newest_commit = TimestampUs{1'795'222'000'000'123};
  for (std::size_t i = 0; i < kHops.size(); ++i) {
    auto& hop = hops.hops[i];
    hop.point.record(0.003, 30);
    hop.point.record(-0.001, 2);
    hop.tally = {32, 0, 8, 2};
    hop.is_assumed = true;
    if (!kHops[i].is_within) continue;
    hop.low.record(0.001, 32);
    hop.high.record(0.1, 32);
  }
  hops.without_commit.fill(1);
  orders.recent_hops = hops;
  orders.recent_hops->sampled_total = 12;
  return orders;
}

// As if it were found: rules have tests of their own.
inline Diagnoses rich_why() {
  Diagnosis hot{Cause::hot_partition,
                Severity::info,
                Confidence::likely,
                {ScopeKind::partition, "orders:0", "orders"},
                "orders:0 has 90 % of the lag"};
  hot.evidence = {{"partitions[].offset_lag", std::int64_t{500}},
                  {"partitions[].records_per_second", 125.5},
                  {"partitions[].state", std::string("active")}};
  hot.eta_ms = 12'000;
  hot.because_of = Cause::hung_transaction;
  hot.more = 3;
  Diagnosis hung{Cause::hung_transaction,
                 Severity::critical,
                 Confidence::certain,
                 {ScopeKind::partition, "orders:0", "orders"},
                 "a transaction is open"};
  hung.evidence = {{"partitions[].open_transaction_ms", std::int64_t{61'000}}};
  return {{hung, hot}, {Cause::skewed_keys, Cause::keeping_up}};
}

// A number of its own each.
inline TraceExamples rich_examples() {
  TraceExamples out;
  const SpanIds ids{{0x0af7651916cd43dd, 0x8448eb211c80319c}, {0xb7ad6b7169203331}};
  const TimestampMs at{1'795'222'923'456};
  out.put({"orders", "", "commit_to_target_append"}, {0.003, ids, at});
  out.put({"orders", "warehouse", TraceExamples::kEndToEnd}, {0.5, ids, at});
  return out;
}

inline TraceFigures rich_traces() {
  TraceFigures out;
  for (std::size_t i = 0; i < kTraceFormats; ++i) {
    out.contexts.formats[i] = 900 + i;
    for (std::size_t fault = 1; fault < kTraceFaults; ++fault)
      out.contexts.faults[i][fault] = fault;
  }
  out.contexts.other_trace = 910;
  out.contexts.other_span = 911;
  out.contexts.other_decision = 912;
  out.rewritten = 920;
  out.begun = 921;
  out.left_broken = 922;
  out.recorded = 923;
  out.rate_limited = 924;
  out.kept_slow = 925;
  out.kept_failed = 926;
  out.dropped = 927;
  out.sinks_lost = 928;
  out.spans = 929;
  out.batches = 930;
  out.in_rows = 931;
  out.rows_broken = 932;
  return out;
}

inline FlowSnapshot rich_flow() {
  FlowSnapshot flow;
  flow.flow = "east->west";
  flow.at = {1'795'222'923'456};
  flow.running = true;
  flow.source_trouble = "unreachable since 2026-11-21T01:01:00Z";
  const Owner owner{"host:1", {1'795'222'000'000}, {1'795'222'923'000}, std::nullopt};
  Owner released = owner;
  released.released_at = TimestampMs{1'795'222'100'000};
  flow.slots = {{3, owner}, {4, released}, {5, std::nullopt}};
  flow.partitions = {paused_partition(), parked_partition(), known_partition()};
  flow.topics = {rich_topic(),
                 {"users", "east.users", "", {}, {}},
                 {"secret", "east.secret", "not authorised to read", {}, {}}};
  flow.connectors = {{"shop", "__debezium-heartbeat.shop", Liveness::alive,
                      TimestampMs{1'795'222'921'000}, 10'000, TimestampUs{1'795'222'000'000'123},
                      TimestampUs{1'795'221'999'000'123}}};
  flow.slos = {rich_slo()};
  flow.groups = {unknown_group(), rich_group()};
  flow.events_total = {{EventKind::slot_taken, 2}, {EventKind::loss_accepted, 1}};
  const auto us = [](std::int64_t value) { return DurationUs{value}; };
  flow.clocks = {
      {"host", {us(-400), us(20), us(400), false}, false, false, false, 0, 0, 1, std::nullopt, ""},
      {"database",
       {us(-100'000), us(-46'000), us(8'000), true},
       true,
       false,
       true,
       0,
       3,
       0,
       std::nullopt,
       "cannot connect to the database in time"},
      {"connector", {}, false, false, false, 0, 0, 0, std::nullopt, ""},
      {"target_broker-7",
       {us(4'998'000), us(4'999'250), us(5'000'500), false},
       false,
       false,
       false,
       61,
       2,
       1,
       840,
       ""}};
  flow.memory_in_flight_bytes = 123'456;
  flow.backpressure_total = 9;
  flow.schema_trouble = "the registry does not answer";
  flow.gate = GateSnapshot{3, 17, 1};
  flow.schemas = SchemaStatus{true, "the registry does not answer", flow.at, {}, 2, 5, 1, {}};
  flow.clocks.back().stepped_ago_ms = 42'000;
  flow.source_silent_ms = 7'000;
  flow.target_silent_ms = 8'000;
  flow.moving_slots = 2;
  flow.slots_moving_ms = 9'000;
  flow.load =
      LoadSnapshot{0.25, 0.5, 0.125, {0.75, 0.05}, {0.875, 0.2}, 5'005, 7'007, true, 35, 12, 80, 1};
  flow.marks = MarksStatus{8008, 7};
  flow.traces = rich_traces();
  flow.examples = rich_examples();
  flow.why = rich_why();
  flow.priorities[index_of(Priority::high)] = {1001, 1250, 0, 2002, 3003, 4004.5};
  flow.priorities[index_of(Priority::normal)] = {5005, 0, 6500, 6006, 7007, std::nullopt};
  return flow;
}

inline ProcessSnapshot rich_snapshot() {
  FlowSnapshot stopped;
  stopped.flow = "west->east";
  stopped.at = {1'795'222'923'400};
  stopped.not_running_since = TimestampMs{1'795'222'800'000};
  stopped.target_trouble = "login refused";
  return {{1'795'222'923'456}, {1'795'222'000'500}, "0.1.0", true, {rich_flow(), stopped}};
}

}  // namespace longspan
