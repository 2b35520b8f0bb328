// cli/fleet/fleet_rows.h - a flow of a fleet as one row of figures, what needs somebody first.
//
// Errors:  none. A flow that could not be seen has its row, with the reason.
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/fleet/cluster_looks.h"
#include "cli/views/lag_rows.h"

namespace longspan {

// In the order of urgency; the last three as the first cause's severity.
enum class FleetState : std::uint8_t { not_seen, not_running, critical, warning, fine };
[[nodiscard]] std::string_view name(FleetState state);  // "not_seen"

struct FleetRow {
  std::string flow;
  std::string file;
  std::string name;  // the flow, with its file where two have one; see arrange()
  FleetState state = FleetState::fine;
  std::size_t processes = 0;
  std::optional<std::int64_t> not_running_ms;
  std::size_t topics = 0;
  std::size_t mirrored_topics = 0;
  LagRow sums;              // of all topics: lag, rate, head age and catch-up
  std::string worst_topic;  // with the oldest record that waits; empty: nothing waits
  std::string cause;        // "parked_partition"; empty: none was found
  std::string what;         // of the cause, or why it cannot be seen
};

[[nodiscard]] FleetRow fleet_row(const SeenFlow& flow);
// What cannot be seen or does not run first, then the most severe cause, then the oldest record
// that waits. Gives them their names.
void arrange(std::vector<FleetRow>& rows);
[[nodiscard]] std::vector<FleetRow> fleet_rows(const std::vector<SeenFlow>& flows);

}  // namespace longspan
