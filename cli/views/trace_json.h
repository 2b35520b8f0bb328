// cli/views/trace_json.h - what `longspan trace --json` prints.
//
//   { "version": 1, "flow": "east->west",
//     "scan": null or { "trace", "records", "partitions", "unread_partitions", "is_all", "found",
//               "why_no_source": null or why what is not mirrored yet was not looked through },
//     "records": [ {
//       "source", "target": { "cluster", "topic", "partition", "offset" or null },
//       "asked": "source" or "target", "timestamp_ms" or null,
//       "timestamp_type": "CreateTime" or "LogAppendTime",
//       "why_no_copy", "why_no_source": a sentence, or null where it is there,
//       "trace": { "mode": "preserve", "link" or "reparent", "trace_id" or null, "parent_id" or
//                  null (the span that wrote the record), "sampled" or null, "copy_trace_id",
//                  "copy_parent_id" or null (as the copy says), "hop_trace_id", "hop_span_id",
//                  "send_span_id" or null (of the flow's own spans), "why_none" or null,
//                  "url", "hop_url" or null (of the viewer; the second where the hop is in another
//                  trace) },
//       "times": { WAYPOINT: interval },    those that something is known of
//       "hops": [ { "hop": "commit_to_connector", "from", "to", "span_id" or null, interval } ],
//       "groups": [ { "group", "state": "committed", "not_committed" or "unknown", "position" or
//                     null, "committed_at_ms" or null, "span_id" or null,
//                     "target_append_to_sink_commit", "end_to_end": interval or null,
//                     "why" or null } ],
//       "groups_more": how many were not asked in time,
//       "contradictions": clocks that are further apart than is assumed,
//       "unknown": [ { "what", "why" } ] } ] }
//
//   interval: "low_us", "point_us", "high_us" (each may be null), "assumed". Times are since 1970,
//   as the clock of the process that mirrored the record has them.
//
// Fields are added, never taken away, while the version is 1.
//
// Errors:  none.
// Threads: a pure function.
#pragma once

#include <string>

#include "cli/views/trace_view.h"

namespace longspan {

[[nodiscard]] std::string traces_json(const ShownTraces& shown);

}  // namespace longspan
