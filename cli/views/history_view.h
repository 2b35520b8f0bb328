// cli/views/history_view.h - a flow's history as tables and as JSON: `longspan lag --since`, and
// the latencies of `longspan lag --at`.
//
// Latencies from the commit to the target are intervals, low..high, for clocks differ. What no
// mark tells is "?" with the reason, and an absent member in JSON, never 0. Those that rest on what
// is assumed of a clock are marked, as in `longspan lag`. WORST is the partition of the
// record that may have taken longest, and how long at most.
//
// Under the steps stands why the flow was late, as its processes found it then: of many causes the
// gravest, those of one kind at one time as one; "once": in a single look. "no marks": for so long
// no process of the flow told anything. In the row of a step WHY is the most severe that was found
// in it, of several the one that lasted longest.
//
// JSON, version 1; members are only ever added. *_ms are milliseconds, points in time among them
// since 1970-01-01 UTC; *_s are seconds. Of a flow, `gaps`: for so long a process wrote no mark,
// and its records of then are in no step; `silences`: for so long no process of the flow wrote one;
// `begins_at_ms`, the first mark, where that is within the span; `last_mark_at_ms`; `unreadable`,
// damaged marks; `causes_left_out`, how many were not kept. Of a step: `incomplete`, such a gap
// lies in it; `latencies_since_ms`, `latencies_until_ms`, its latencies are of a longer time;
// `latencies_elsewhere_since_ms`, they are with those of a longer time, of another step;
// `causes`, their names, the gravest first. Of a flow `causes`: [{"cause", "severity", "scope":
// {"kind", "name", "topic"}, "from_ms", "to_ms", "what"}], from the look that found it first to the
// last one, within the span.
//
// Errors:  none.
// Threads: pure functions.
#pragma once

#include <string>
#include <vector>

#include "cli/views/text_table.h"
#include "mirror/marks/history.h"

namespace longspan {

struct FlowHistory {
  std::string flow;
  HistorySpan span;
  History history;
};

// One row a step, then the causes; all of them, or kCausesShown.
inline constexpr std::size_t kCausesShown = 10;
[[nodiscard]] std::string history_table(const FlowHistory& flow, const TableStyle& style,
                                        bool shows_all_causes = false);
// One row each; empty without any.
[[nodiscard]] std::string causes_table(const History& history, const TableStyle& style,
                                       bool shows_all = false);
[[nodiscard]] std::string history_json(const std::vector<FlowHistory>& flows);
// One row a topic, of a history with one step and per_topic; empty without latencies.
[[nodiscard]] std::string latencies_table(const History& history, const TableStyle& style);

}  // namespace longspan
