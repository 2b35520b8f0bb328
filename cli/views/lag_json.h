// cli/views/lag_json.h - a ProcessSnapshot as JSON: `longspan lag --json` and /api/v1/lag.
//
// One stable schema, version 1; members are only ever added. What is not known is an absent
// member, never null, 0 or -1. Offsets and counts are integers; *_ms are milliseconds, and the
// points in time among them since 1970-01-01 UTC; *_offset are exclusive ends ("next").
//
//   {"version": 1, "at_ms", "longspan_version", "started_at_ms", "ready", "flows": [{
//      "flow": "east->west", "at_ms", "running", "not_running_since_ms", "source_trouble",
//      "target_trouble", "source_silent_ms", "target_silent_ms", "moving_slots", "slots_moving_ms",
//      "slots_total", "lost_partitions",
//      "why": [{"cause", "severity", "confidence", "scope": {"kind", "name", "topic"}, "what",
//               "next", "eta_ms", "because_of", "more", "evidence": [{"name", "value"}]}],
//      "why_unknown": [CAUSE], "causes": [{...}],
//      "load": {"shard_cpu_ratio", "source_wait_ratio", "target_wait_ratio",
//               "source_client_cpu_ratio", "target_client_cpu_ratio", "source_throttle_ratio",
//               "target_throttle_ratio", "in_flight_bytes", "in_flight_bytes_max",
//               "window_reduced", "acknowledgement_ms", "best_acknowledgement_ms",
//               "source_round_trip_ms", "target_round_trip_ms"},
//      "in_flight_bytes", "backpressure_total", "events_total": {KIND: count},
//      "slots": [{"slot", "owner": {"process", "taken_at_ms", "alive_at_ms", "released_at_ms"}}],
//      "topics": [{"source", "target", "reason", "refused_total", "bytes_lag_estimate",
//                  "mirror_latency": HISTOGRAM, "residence": HISTOGRAM,
//                  "latency": {"sampled_total", "contradictions_total", "newest_commit_at_us",
//                    "without_commit": {REASON: count}, "hops": {HOP: LATENCY}},
//                  "recent_latency": as "latency"}],
//      "clocks": [{"clock", "low_s", "point_s", "high_s", "assumed": ["low", "high"], "in_doubt",
//                  "probes_total", "failures_total", "steps_total", "age_ms", "trouble",
//                  "stepped_ago_ms"}],
//      "partitions": [{"topic", "partition", "target_topic", "slot", "state", "reason", "priority",
//                  "next_source_offset", "next_target_offset", "source_end_offset", "offset_lag",
//                  "bytes_lag_estimate", "head_age_ms", "catch_up_ms", "records_per_second",
//                  "bytes_per_second", "behind_ms", "source_records_per_second",
//                  "open_transaction_ms", "behind_transaction", "unacknowledged_ms",
//                  "schema_wait_ms", "source_leaderless_ms", "throttled", "records_total",
//                  "bytes_total", "records_in_flight", "written_twice_total", "last_timestamp_ms",
//                  "position_written_at_ms"}],
//      "groups": [{"group", "side", "topic", "target_topic", "state", "partitions_by_state":
//      {STATE: count},
//                  "offset_lag", "unknown_lags", "head_age_s": [low, high], "waits_s",
//                  "catch_up_ms",
//                  "worst_partition", "worst_partition_offset_lag", "end_to_end": LATENCY,
//                  "append_to_sink_commit": LATENCY,
//                  "recent": {"end_to_end", "append_to_sink_commit"}, "partitions": [{"partition",
//                  "state",
//                    "committed_offset", "committed_at_ms", "offset_lag", "expired",
//                    "head_age_s": [low, high], "clock_doubt", "catch_up_ms",
//                    "residence_s": [low, high]}], "partitions_not_shown"}],
//      "connectors": [{"prefix", "heartbeat_topic", "liveness", "heartbeat_at_ms",
//                  "heartbeat_interval_ms", "newest_commit_at_us", "heartbeat_commit_at_us"}],
//      "slos": [{"objective", "group", "total": COUNTS, "unmeasured", "in_window": COUNTS,
//                  "since_s",
//                  "compliance": [low, high], "budget_left": [low, high], "burn_rates": [{"long_s",
//                    "short_s", "long": COUNTS, "short": COUNTS, "burn_rate": [low, high], "limit",
//                    "burns"}]}]}]}
//   COUNTS:    {"good", "bad", "undecided"}
//   LATENCY:   {"absent", "one_sided", "negative", "assumed", "point", "low", "high": HISTOGRAM}
//   HISTOGRAM: {"count", "p50_s", "p90_s", "p99_s", "max_s", "block"}
//
// Always there: version, at_ms, ready, flows; of a flow "flow", "at_ms", "running" and the lists;
// of a slot its number; of a topic source and target; of a partition topic, partition,
// target_topic, slot, state and next_*. *_total and what is in flight are counts of the process
// that answers: absent when the clusters were asked. "reason" is absent when there is none,
// "priority" when it is normal, histograms when empty. HOP is a name of mirror/hops/topic_hops.h;
// "low" and "high" are there of a whole way, and in "recent_latency" of each hop. "block" is all of
// a histogram, to be merged exactly: lagcalc/histogram_block.h in Base64. Of groups see
// mirror/hops/group_snapshot.h; "waits_s" is how long some record waits for it at least, also where
// the head's age is not known. An objective without "group" is judged up to the target. "why" has
// the best first; CAUSE is a name of lagcalc/why/cause_table.h (`longspan causes`), and
// "why_unknown" are those of which nothing is known here; both are absent where nobody asked. An
// evidence's name is a member of this document, by its place. "causes" are there of a time in the
// past: found in the minute before it, as history_view.h has them. *_age_ms, *_moved_ago_ms and
// "not_running_ms" are "at_ms" less the time that it has. What a partition does not wait for has no
// member.
// "clocks" are as the process that answers sees them: how far each is ahead of its own (of UTC:
// "host"), the sides that are assumed, and how long ago it was last asked with success; absent when
// the clusters were asked.
//
// Errors:  none; text that is not UTF-8 comes out with U+FFFD in place of the bad bytes.
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "mirror/snapshot.h"

namespace longspan {

enum class JsonForm : std::uint8_t { compact, indented };

[[nodiscard]] std::string lag_json(const ProcessSnapshot& snapshot,
                                   JsonForm form = JsonForm::compact);

// The same with topics in the place of partitions, for a page that lists thousands of them:
// /api/v1/lag?detail=topics. Histograms have no "block"; a topic's "latency" is of the whole way
// alone, and, as a group's, of since the start only where nothing came lately; groups have no
// "partitions". Of a flow, besides:
//   "recent_latency", or "latency" where nothing came lately: every hop, of all topics together;
//   "partitions": only those that are paused or parked, or wait with a reason, parked ones first;
//      at most kTopicsPartitionsMax, "partitions_not_shown" more;
// and of a topic, of the partitions known here together:
//   "partitions_by_state": {STATE: count}, "unknown_lags", "offset_lag", "head_age_ms",
//   "catch_up_ms", "records_per_second", "bytes_per_second", "source_records_per_second" (each
//   absent where it is of one partition), "worst_partition", "worst_partition_offset_lag".
inline constexpr std::size_t kTopicsPartitionsMax = 200;
[[nodiscard]] std::string topics_json(const ProcessSnapshot& snapshot,
                                      JsonForm form = JsonForm::compact);

// The same without "partitions", "topics" and "slots", with "partitions_by_state": {STATE: count},
// "offset_lag" (the sum; absent when any partition's is unknown), "head_age_ms" (the greatest of
// those known), "slots_owned", "topics_not_mirrored": /api/v1/flows.
[[nodiscard]] std::string flows_json(const ProcessSnapshot& snapshot,
                                     JsonForm form = JsonForm::compact);

}  // namespace longspan
