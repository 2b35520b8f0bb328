#include "mirror/state/flow_maps.h"

namespace longspan {

FlowMaps::FlowMaps(const FlowState& state) {
  for (const auto& slot : state.slots) {
    for (const auto& [identity, entry] : slot.partitions()) {
      auto& known = entries_[identity.source];
      if (known == nullptr || entry.position.written_at >= known->position.written_at) {
        known = &entry;
      }
    }
  }
}

const PartitionEntry* FlowMaps::entry(const TopicPartition& source) const {
  const auto found = entries_.find(source);
  return found == entries_.end() ? nullptr : found->second;
}

const OffsetMap* FlowMaps::find(const TopicPartition& source) {
  const auto* known = entry(source);
  if (known == nullptr) return nullptr;
  const auto found = maps_.find(source);
  if (found != maps_.end()) return &found->second;
  return &maps_.emplace(source, map_of(*known)).first->second;
}

}  // namespace longspan
