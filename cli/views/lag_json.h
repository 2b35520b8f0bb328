// cli/views/lag_json.h - a ProcessSnapshot as JSON: `longspan lag --json` and /api/v1/lag.
//
// One stable schema, version 1; members are only ever added. What is not known is an absent
// member, never null, 0 or -1. Offsets and counts are integers; *_ms are milliseconds, and the
// points in time among them since 1970-01-01 UTC; *_offset are exclusive ends ("next").
//
//   {"version": 1, "at_ms", "longspan_version", "started_at_ms", "ready", "flows": [{
//      "flow": "east->west", "at_ms", "running", "not_running_since_ms", "source_trouble",
//      "target_trouble", "in_flight_bytes", "backpressure_total", "events_total": {KIND: count},
//      "slots": [{"slot", "owner": {"process", "taken_at_ms", "alive_at_ms", "released_at_ms"}}],
//      "topics": [{"source", "target", "reason", "refused_total",
//                  "mirror_latency", "residence": {"count", "p50_s", "p90_s", "p99_s"},
//                  "latency": {"sampled_total", "without_commit": {REASON: count},
//                    "hops": {HOP: {"absent", "negative", "assumed", "point", "low", "high"}}}}],
//      "clocks": [{"clock", "low_s", "point_s", "high_s", "assumed": ["low", "high"], "in_doubt",
//                  "probes_total", "failures_total", "steps_total", "age_ms", "trouble"}],
//      "partitions": [{"topic", "partition", "target_topic", "slot", "state", "reason", "priority",
//                  "next_source_offset", "next_target_offset", "source_end_offset", "offset_lag",
//                  "head_age_ms", "catch_up_ms", "records_per_second", "bytes_per_second",
//                  "records_total", "bytes_total", "records_in_flight", "written_twice_total",
//                  "last_timestamp_ms", "position_written_at_ms"}]}]}
//
// Always there: version, at_ms, ready, flows; of a flow "flow", "at_ms", "running" and the lists;
// of a slot its number; of a topic source and target; of a partition topic, partition,
// target_topic, slot, state and next_*. *_total and what is in flight are counts of the process
// that answers: absent when the clusters were asked. "reason" is absent when there is none,
// "priority" when it is normal, histograms when empty. HOP is a name of mirror/hops/topic_hops.h;
// "point", "low" and "high" are histograms, the last two only of a whole way. "clocks" are as the
// process that answers sees them: how far each is ahead of its own (of UTC: "host"), the sides that
// are assumed, and how long ago it was last asked with success; absent when the clusters were
// asked.
//
// Errors:  none; text that is not UTF-8 comes out with U+FFFD in place of the bad bytes.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "mirror/snapshot.h"

namespace longspan {

enum class JsonForm : std::uint8_t { compact, indented };

[[nodiscard]] std::string lag_json(const ProcessSnapshot& snapshot,
                                   JsonForm form = JsonForm::compact);

// The same without "partitions", "topics" and "slots", with "partitions_by_state": {STATE: count},
// "offset_lag" (the sum; absent when any partition's is unknown), "head_age_ms" (the greatest of
// those known), "slots_owned", "topics_not_mirrored": /api/v1/flows.
[[nodiscard]] std::string flows_json(const ProcessSnapshot& snapshot,
                                     JsonForm form = JsonForm::compact);

}  // namespace longspan
