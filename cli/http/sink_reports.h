// cli/http/sink_reports.h - the body of POST /api/v1/sink.
//
//   {"sink": "warehouse", "reports": [{"topic": "east.orders", "partition": 3, "offset": 1041,
//                                      "at_ms": 1795222923456}]}
//
// "at_ms" is the sink's clock, since 1970; without it the report counts as of now. It lies at most
// kAheadMax ahead of ours: one far in the future would be a latency of years. The topic is the one
// on the target. The sink's name is of the characters of a topic's.
//
// Errors:  what is wrong is an Error that names the member; then nothing of the body counts.
// Threads: a pure function.
// Limits:  kSinkReportsMax reports in a body; kSinkBodyMax bytes: a sink of many partitions sends
//          several.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

#include "lagcalc/result.h"
#include "mirror/groups/sink_report.h"

namespace longspan {

inline constexpr std::size_t kSinkBodyMax = std::size_t{24} << 10;  // of a request of 32 KiB
inline constexpr std::size_t kSinkReportsMax = 1'000;

inline constexpr std::chrono::minutes kAheadMax{5};
[[nodiscard]] Result<std::vector<SinkReport>> parse_sink_reports(std::string_view body,
                                                                 TimestampMs now);

}  // namespace longspan
