// cli/views/verdict_text.h - what verify found, for people and as JSON.
//
// JSON, version 1: {"version": 1, "flow", "equal": bool, "total": TALLY, "partitions": [{"topic",
// "partition", "target_topic", "from_offset", "to_offset", "tally": TALLY, "first_difference":
// {"source_offset", "target_offset", "what"}, "trouble", "unreadable": [{"from_offset",
// "to_offset", "why"}], "narrowed", "told": [{"event", "kind", "text", "from_offset", "to_offset",
// "records"}]}]}, TALLY = {"verified", "equal", "compacted", "different", "missing", "twice",
// "foreign", "before_start", "expired", "left_out", "lost_on_target", "undecided"}.
//
// "told" are events that account for source records which are not on the target: left out by policy
// or by an operator, or lost there and gone over since. They are no difference. "narrowed" says why
// not all of --from and --to was compared.
//
// "equal" is false too when no record was verified: that proves nothing.
//
// Threads: pure functions.
#pragma once

#include <string>

#include "cli/views/text_table.h"
#include "mirror/verify/verdict.h"

namespace longspan {

// The partitions that are not all equal, a line each; the first difference; the summary.
[[nodiscard]] std::string verdict_text(const std::string& flow, const Verdict& verdict,
                                       const TableStyle& style);
[[nodiscard]] std::string verdict_json(const std::string& flow, const Verdict& verdict);

}  // namespace longspan
