// mirror/state/flow_maps.h - the offset maps of a flow, decoded when they are asked for.
//
// Threads: one owner; pointers stay until it goes.
// Owns:    the maps; `state` must outlive it and stay as it is.
#pragma once

#include <map>

#include "lagcalc/offset_map.h"
#include "mirror/state/flow_state.h"

namespace longspan {

class FlowMaps {
 public:
  explicit FlowMaps(const FlowState& state);
  // Null: the flow has no position for it. Of a topic that was created anew at the source, its
  // latest life.
  [[nodiscard]] const PartitionEntry* entry(const TopicPartition& source) const;
  [[nodiscard]] const OffsetMap* find(const TopicPartition& source);

 private:
  std::map<TopicPartition, const PartitionEntry*> entries_;
  std::map<TopicPartition, OffsetMap> maps_;
};

}  // namespace longspan
