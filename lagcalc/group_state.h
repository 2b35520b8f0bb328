// lagcalc/group_state.h - whether a consumer group is there and has members.
//
// Threads: a value.
// Source:  the states of Kafka's group coordinator; its two kinds of rebalancing are one here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace longspan {

enum class GroupState : std::uint8_t {
  unknown,      // nobody said
  empty,        // no members: only positions
  stable,       // has members, and they have their partitions
  rebalancing,  // has members, and partitions are being dealt out
  dead,         // it is gone
};

inline constexpr std::array kGroupStates = {GroupState::unknown, GroupState::empty,
                                            GroupState::stable, GroupState::rebalancing,
                                            GroupState::dead};
[[nodiscard]] constexpr std::string_view name(GroupState state) {
  constexpr std::array<std::string_view, kGroupStates.size()> kNames{"unknown", "empty", "stable",
                                                                     "rebalancing", "dead"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace longspan
