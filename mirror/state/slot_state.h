// mirror/state/slot_state.h - what a slot's state partition says, folded record by record.
//
// The same fold serves the owner that restores a slot, and every command that only looks.
//
// Errors:  apply() refuses a value of an unknown format version or rubbish, and names the key.
// Threads: a value.
// Limits:  one entry per partition, one map piece per sealed block, kEventsPerSlot events.
// Source:  mirror/state/records.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "lagcalc/offset_map.h"
#include "lagcalc/result.h"
#include "mirror/state/records.h"

namespace longspan {

// A source partition under one topic id: a recreated topic is another one.
struct PartitionIdentity {
  TopicPartition source;
  TopicId topic_id{};
  friend auto operator<=>(const PartitionIdentity&, const PartitionIdentity&) = default;
};

struct PartitionEntry {
  std::int32_t epoch = 0;
  Position position;
  std::vector<std::int32_t> stale_epochs;  // older keys still there; their owner tombstones them
  // (block, part) -> segments; part 0 hides the other parts of its block.
  std::map<std::pair<std::int32_t, std::int32_t>, MapPiece> pieces;
};

class SlotState {
 public:
  // `value` absent is a tombstone.
  Result<void> apply(std::string_view key, std::optional<std::string_view> value);

  [[nodiscard]] const std::optional<Definition>& definition() const { return definition_; }
  [[nodiscard]] const std::optional<Owner>& owner() const { return owner_; }
  [[nodiscard]] const std::map<PartitionIdentity, PartitionEntry>& partitions() const {
    return partitions_;
  }
  [[nodiscard]] const std::map<CommandKey, Command>& commands() const { return commands_; }
  // Oldest first.
  [[nodiscard]] std::vector<Event> events() const;
  // The number the next event takes.
  [[nodiscard]] std::int32_t next_event() const;
  // True when the flow, the topic or the partition is paused by command.
  [[nodiscard]] bool is_paused(const TopicPartition& source) const;

 private:
  std::optional<Definition> definition_;
  std::optional<Owner> owner_;
  std::map<PartitionIdentity, PartitionEntry> partitions_;
  std::map<PartitionIdentity, std::map<std::pair<std::int32_t, std::int32_t>, MapPiece>> orphans_;
  std::map<CommandKey, Command> commands_;
  std::map<std::int32_t, Event> events_;
};

// The map of a partition as persisted: sealed blocks, open pieces and the position's last segment,
// cut at the position (pieces written ahead of it are dropped).
[[nodiscard]] OffsetMap map_of(const PartitionEntry& entry);

}  // namespace longspan
