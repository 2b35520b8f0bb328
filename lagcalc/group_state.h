// lagcalc/group_state.h - whether a consumer group is there and has members.
//
// Threads: a value.
// Source:  the states of Kafka's group coordinator; its two kinds of rebalancing are one here.
#pragma once

#include <cstdint>

namespace longspan {

enum class GroupState : std::uint8_t {
  unknown,      // nobody said
  empty,        // no members: only positions
  stable,       // has members, and they have their partitions
  rebalancing,  // has members, and partitions are being dealt out
  dead,         // it is gone
};

}  // namespace longspan
