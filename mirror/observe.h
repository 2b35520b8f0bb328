// mirror/observe.h - a FlowSnapshot built from outside: state topic, source ends, record times.
//
// The same value a running process copies out of its shards, for commands on any host, also while
// no process runs. Nothing is written and no group is joined.
//
// Units:   as in snapshot.h. Rates are the owner's own, as it last wrote them; the source's growth
//          is measured over the last kGrowthWindow by record timestamps.
// Errors:  none: what cannot be found out is absent, and the snapshot says why.
// Threads: one caller at a time per side.
// Limits:  head ages of the `heads_max` partitions furthest behind, within `deadline`; a second
//          more where a partition has no leader, which is asked for twice.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "mirror/admin.h"
#include "mirror/ports.h"
#include "mirror/snapshot.h"
#include "mirror/state/flow_state.h"

namespace longspan {

inline constexpr std::chrono::seconds kGrowthWindow{60};

// An owner is alive while its last sign is younger than three intervals and it did not release.
[[nodiscard]] bool is_alive(const Owner& owner, TimestampMs now);
// Its next sign is overdue: nobody knows whether it still lives.
[[nodiscard]] bool is_silent(const Owner& owner, TimestampMs now);

// Clients of the source cluster. Absent clients: `trouble` says why they could not be made.
struct SourceSide {
  Admin* admin = nullptr;
  Source* source = nullptr;
  Wakeup* wakeup = nullptr;
  std::string trouble{};
  // What an error of the source is for people.
  std::function<std::string(const Error&)> explain = [](const Error& error) {
    return error.text();
  };
};

struct ObserveLimits {
  std::size_t heads_max = 200;
  std::chrono::milliseconds deadline{3000};
};

// Only what the state topic tells: positions, states, owners. A topic that the flow's definition
// does not select any more is in `topics` with the reason, and its partitions are left out.
[[nodiscard]] FlowSnapshot observe_positions(const std::string& flow, const FlowState& state,
                                             TimestampMs now);

[[nodiscard]] FlowSnapshot observe_flow(const std::string& flow, const FlowState& state,
                                        const SourceSide& source, const Clock& clock,
                                        const ObserveLimits& limits = {});

}  // namespace longspan
