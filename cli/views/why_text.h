// cli/views/why_text.h - why a flow is late, for people; and what every cause means, as a document.
//
// Errors:  none.
// Threads: pure functions.
#pragma once

#include <string>

#include "cli/views/text_table.h"
#include "mirror/snapshot.h"

namespace longspan {

[[nodiscard]] Tint tint_of(Severity severity);
// What to do, as kCauseTable says it, for what the cause is about (file_text.h).
[[nodiscard]] std::string next_text(const Diagnosis& diagnosis);
// The first cause and what to do, on one line; empty where nothing is found.
[[nodiscard]] std::string why_line(const FlowSnapshot& flow, const TableStyle& style);
// All of them with their evidence, and those of which nothing is known.
[[nodiscard]] std::string why_text(const FlowSnapshot& flow, const TableStyle& style);

// dashboards/CAUSES.md, `longspan causes`.
[[nodiscard]] std::string causes_markdown();

}  // namespace longspan
