// cli/views/trace_view.h - what `longspan trace` found of records, as values and as text: the hops
// of each as a waterfall, and the link to the trace viewer.
//
// Units:   microseconds on the timeline of the processes that mirror; milliseconds as named.
// Errors:  none. What is not known is absent and has its reason in `unknown`.
// Threads: values and pure functions.
// Source:  mirror/traces/record_way.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/views/text_table.h"
#include "lagcalc/topic_partition.h"
#include "lagcalc/units.h"
#include "mirror/event.h"
#include "mirror/traces/record_way.h"
#include "mirror/traces/trace_settings.h"
#include "tracing/context/trace_id.h"

namespace longspan {

// One side's record.
struct ShownPlace {
  std::string cluster;  // its alias
  TopicPartition partition;
  std::optional<Offset> offset;  // absent: there is none, or it is not known
};

struct ShownHop {
  WayHop hop;
  std::optional<SpanId> id;  // absent: the flow makes no spans of the topic
};

struct ShownGroup {
  enum class State : std::uint8_t { committed, not_committed, unknown };
  std::string group;
  State state = State::unknown;
  std::optional<Offset> position;              // on the target
  std::optional<TimestampMs> committed_at;     // at the latest; the coordinator's clock
  std::optional<InstantInterval> done;         // when it was done with the record
  std::optional<DurationInterval> took;        // since the target's append
  std::optional<DurationInterval> end_to_end;  // since the commit
  std::optional<SpanId> id;
  std::string why;  // of what is not known
};

struct UnknownTime {
  std::string what;  // "commit", "source_append"
  std::string why;
};

// The trace that the record is in.
struct ShownTrace {
  TraceMode mode = TraceMode::preserve;
  std::optional<SpanIds> incoming;  // as the source's record says
  std::optional<bool> sampled;
  std::optional<SpanIds> copy;  // as the copy says
  std::optional<SpanIds> hop;   // of the flow's spans: the trace they are in, its `mirror`
  std::optional<SpanId> send;   // that a reader of the copy is the child of, if reparented
  std::string why_none;         // why `incoming` is absent
  std::string url;              // of the viewer; empty: none is configured, or no trace
  std::string hop_url;          // where the hop's trace is another one
  // The one to look at.
  [[nodiscard]] std::optional<TraceId> id() const;
};

struct ShownRecord {
  ShownPlace source;
  ShownPlace target;
  EventSide asked = EventSide::source;  // by which place it was found
  std::optional<TimestampMs> timestamp;
  bool is_log_append_time = false;  // else CreateTime
  std::string why_no_copy;          // empty: there is one
  std::string why_no_source;        // empty: the source's record was read
  ShownTrace trace;
  std::optional<RecordWay> way;
  std::vector<ShownHop> hops;
  std::vector<ShownGroup> groups;
  std::int64_t groups_more = 0;  // not asked in time
  std::vector<UnknownTime> unknown;
};

// What was looked through for a trace id.
struct ShownScan {
  std::string trace;  // as it was given
  std::int64_t records = 0;
  std::int64_t partitions = 0;
  std::int64_t unread_partitions = 0;
  bool is_all = true;  // all that is there of these partitions
  std::int64_t found = 0;
  std::string why_no_source = {};  // empty: what is not mirrored yet was looked through, too
};

struct ShownTraces {
  std::string flow;
  std::vector<ShownRecord> records;
  std::optional<ShownScan> scan;
};

// "; 3 partitions could not be read"; empty: all could.
[[nodiscard]] std::string unread_text(const ShownScan& scan);

// `template_url` with {trace_id} and {span_id} put in; without a span that is 0.
[[nodiscard]] std::string viewer_link(std::string template_url, const TraceId& trace,
                                      const std::optional<SpanId>& span);

[[nodiscard]] std::string traces_text(const ShownTraces& shown, const TableStyle& style);

}  // namespace longspan
