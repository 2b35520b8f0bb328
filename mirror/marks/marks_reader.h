// mirror/marks/marks_reader.h - reads the history of a flow out of its marks topic.
//
// Needs the target cluster only, and no process: what they wrote in the last days is there.
//
// Errors:  no such topic (the flow never ran there with a program that writes marks); nothing heard
//          for kStateSilence; the cluster does not answer. A record that is damaged is counted.
// Threads: one caller at a time per reader.
// Owns:    nothing; what StateReader names must outlive the call.
// Limits:  a span of more than kDetailMs in steps of minutes is read from the roll-ups, and nothing
//          of it is kept but the fold (history.h). Of any other the full sets, one a minute, of an
//          hour are kept as they are, too: some 1.6 KB a partition. Where the topic's records have
//          the time of their writer (message.timestamp.type=CreateTime, which the topic has only
//          where another than longspan made it) one clock that is fast must not hide what the
//          others wrote: all that is behind the span's beginning is read.
#pragma once

#include <cstdint>
#include <string>

#include "lagcalc/result.h"
#include "mirror/marks/history.h"
#include "mirror/state/flow_state.h"

namespace longspan {

inline constexpr std::int64_t kDetailMs = 2 * 3'600'000;

[[nodiscard]] Result<History> read_history(const StateReader& target, const std::string& topic,
                                           const HistorySpan& span,
                                           const ReadProgress& progress = {});

// The time of the last mark before `at`; absent: there is none.
[[nodiscard]] Result<std::optional<TimestampMs>> last_mark_before(const StateReader& target,
                                                                  const std::string& topic,
                                                                  TimestampMs at);

}  // namespace longspan
