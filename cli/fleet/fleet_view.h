// cli/fleet/fleet_view.h - many flows as one table, and in what their files drift apart.
//
//     JSON: what lag_json.h says, and
//     "not_seen": [{"flow", "file", "trouble"}], "wrong_files": [{"file", "errors": [TEXT]}],
//     "drift": [{"what", "values": [{"value", "where": [FLOW or FILE]}]}]
//
//     The page asks for less: {"version", "longspan_version", "at_ms", "every_ms", "waiting",
//     "rows": [{"flow", "name", "file", "state", "cause", "why", "processes", "topics",
//     "mirrored_topics", "not_running_ms", "records_per_second", "offset_lag", "head_age_s",
//     "catch_up_s", "worst_topic", "looked_at_ms", "took_ms"}], "wrong_files", "drift"}. What is
//     not known is absent, what there is not is null.
//
// Errors:  none. A flow that could not be seen has its row, with the reason.
// Threads: pure functions.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "cli/fleet/cluster_looks.h"
#include "cli/fleet/drift.h"
#include "cli/fleet/fleet_files.h"
#include "cli/fleet/fleet_rows.h"
#include "cli/views/text_table.h"
#include "lagcalc/units.h"
#include "mirror/snapshot.h"

namespace longspan {

// Those that were seen.
[[nodiscard]] ProcessSnapshot seen_of(const std::vector<SeenFlow>& flows);

// In the order of fleet_rows.h.
[[nodiscard]] std::string fleet_table(const std::vector<SeenFlow>& flows, const TableStyle& style);
// Wrong files, and a line a value for each difference; empty where there is none.
[[nodiscard]] std::string drift_text(const std::vector<FleetFile>& files, const TableStyle& style);

[[nodiscard]] std::string fleet_json(const std::vector<SeenFlow>& flows,
                                     const std::vector<FleetFile>& files);

struct LookedAt {
  FleetRow row;
  TimestampMs at;  // the end of the look
  std::chrono::milliseconds took{};
};
struct FleetPageState {
  TimestampMs at;
  std::chrono::milliseconds every{};  // how long between two looks at a flow
  std::size_t waiting = 0;            // flows that nobody looked at yet
};
[[nodiscard]] std::string fleet_page_json(const std::vector<LookedAt>& looked,
                                          const FleetPageState& state,
                                          const std::vector<FleetFile>& files);

}  // namespace longspan
