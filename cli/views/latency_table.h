// cli/views/latency_table.h - how late records are, for people: topics up to the target, groups to
// the end.
//
// A latency is "point (low to high)": the quantile of each. "?" is what is not known. It is of the
// last one to two minutes; where nothing came in them, of all since the process started, and says
// so.
//
// Units:   as the text says.
// Errors:  none.
// Threads: pure functions.
// Limits:  the kLatencyRowsMax topics and groups that are latest; how many more there are is said.
#pragma once

#include <string>

#include "cli/views/text_table.h"
#include "mirror/snapshot.h"

namespace longspan {

inline constexpr std::size_t kLatencyRowsMax = 20;
inline constexpr const char* kAssumedNote =
    "clocks that nobody measures are assumed within clock.*.max.error.ms of ours\n";

// Records without a commit time, and what rests on an assumption; empty: neither.
[[nodiscard]] std::string latency_notes(const FlowSnapshot& flow, const TableStyle& style);
// The hops of each topic one below the other, each bar where its hop lies on the way: the quantile
// of each, and what it is of the whole. Groups end it.
[[nodiscard]] std::string hops_text(const FlowSnapshot& flow, const TableStyle& style);
// Empty without groups.
[[nodiscard]] std::string group_table(const FlowSnapshot& flow, const TableStyle& style);
// Clocks that are surely further off than is assumed of any, and those in trouble.
[[nodiscard]] std::string clock_lines(const FlowSnapshot& flow, const TableStyle& style);
// Empty without heartbeats.
[[nodiscard]] std::string connector_lines(const FlowSnapshot& flow, const TableStyle& style);
// Empty without objectives.
[[nodiscard]] std::string slo_table(const FlowSnapshot& flow, const TableStyle& style);
// "41 ms (2 ms to 102 ms)"; sides that are not known are "?".
[[nodiscard]] std::string latency_text(const HopLatency& took, double quantile);
// "0.4 ms", "41 ms", "2.5 s", "3 m 20 s".
[[nodiscard]] std::string seconds_text(double seconds);

}  // namespace longspan
