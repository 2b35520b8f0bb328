// mirror/traces/hop_story.h - the spans of one record's way through a flow.
//
//   poll SOURCE                            a trace of its own: the batch that the record came in,
//                                          until the last of it that has spans is on the target;
//                                          linked to those, and the poll of each to it
//   mirror SOURCE                          commit .. target append; the child of who wrote the
//   record
//     capture SOURCE                       commit .. connector
//     append SOURCE                        connector .. source append
//     poll SOURCE                          source append .. fetched
//     queue SOURCE                         fetched .. produced
//     send TARGET                          produced .. target append; the parent of who reads it
//       commit TARGET                      target append .. a group's commit; one for each group
//
// A hop whose ends are not both known has no span: the one across it begins at the last waypoint
// that is. Begin and end are points on longspan's timeline; how far off they may be stands in
// attributes, in microseconds, and so does how long the hop took, at least and at most:
//
//   longspan.hop                           "source_append_to_fetched"
//   longspan.duration.low_us, .high_us     absent: that side is not known
//   longspan.start.low_us, .high_us, longspan.end.low_us, .high_us     since 1970
//   longspan.assumed                       a bound rests on what is configured, not measured
//
//   peer.service                           the alias of the cluster that a span is about: viewers
//                                          draw an edge to it
//
// Other names are those of OpenTelemetry's conventions for messaging.
//
// Errors:  none.
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mirror/traces/traced_record.h"
#include "tracing/spans/messaging_names.h"
#include "tracing/spans/span.h"

namespace longspan {

// All but those of sinks. `fetched` is where it began if nothing else is known of it.
[[nodiscard]] std::vector<Span> hop_story(const TracedRecord& record, Instant fetched,
                                          NamesWanted names);

// `fetched` is when its records were handed to us.
[[nodiscard]] Span batch_story(const TracedBatch& batch, Instant fetched, NamesWanted names);

// Absent: when the group was done with it is not known.
[[nodiscard]] std::optional<Span> sink_story(const TracedRecord& record, const std::string& group,
                                             const RecordTimes& times, NamesWanted names);

}  // namespace longspan
