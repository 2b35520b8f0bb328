// cli/fleet/fleet_view.h - many flows as one table, and in what their files drift apart.
//
//     JSON: what lag_json.h says, and
//     "not_seen": [{"flow", "file", "trouble"}], "wrong_files": [{"file", "errors": [TEXT]}],
//     "drift": [{"what", "values": [{"value", "where": [FLOW or FILE]}]}]
//
// Errors:  none. A flow that could not be seen has its row, with the reason.
// Threads: pure functions.
#pragma once

#include <string>
#include <vector>

#include "cli/fleet/cluster_looks.h"
#include "cli/fleet/drift.h"
#include "cli/fleet/fleet_files.h"
#include "cli/views/text_table.h"
#include "mirror/snapshot.h"

namespace longspan {

// Those that were seen.
[[nodiscard]] ProcessSnapshot seen_of(const std::vector<SeenFlow>& flows);

// A row a flow: what cannot be seen or does not run first, then the most severe cause, then the
// oldest record that waits.
[[nodiscard]] std::string fleet_table(const std::vector<SeenFlow>& flows, const TableStyle& style);
// Wrong files, and a line a value for each difference; empty where there is none.
[[nodiscard]] std::string drift_text(const std::vector<FleetFile>& files, const TableStyle& style);
[[nodiscard]] std::string fleet_json(const std::vector<SeenFlow>& flows,
                                     const std::vector<FleetFile>& files);

}  // namespace longspan
