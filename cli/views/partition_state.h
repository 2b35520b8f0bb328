// cli/views/partition_state.h - the words for a partition's state, in every view.
//
// Threads: pure functions.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "mirror/state/records.h"

namespace longspan {

inline constexpr std::array kPartitionStates = {PartitionState::active, PartitionState::paused,
                                                PartitionState::parked};

[[nodiscard]] constexpr std::string_view state_name(PartitionState state) {
  switch (state) {
    case PartitionState::active:
      return "active";
    case PartitionState::paused:
      return "paused";
    case PartitionState::parked:
      return "parked";
  }
  return "";
}

[[nodiscard]] constexpr std::optional<PartitionState> state_named(std::string_view name) {
  for (const PartitionState state : kPartitionStates) {
    if (state_name(state) == name) return state;
  }
  return std::nullopt;
}

}  // namespace longspan
