// mirror/state/slot_state.h - what a slot's state partition says, folded record by record.
//
// The same fold serves the owner that restores a slot, and every command that only looks.
//
// Errors:  apply() refuses a value of an unknown format version or rubbish, and names the key.
// Threads: a value.
// Limits:  one entry per partition and epoch, the map pieces not tombstoned yet, kEventsPerSlot
//          events; the state topic's compaction is the bound.
// Source:  mirror/state/records.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
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

struct PiecePlace {
  std::int32_t block = 0;
  std::int32_t part = 0;
  std::int32_t epoch = 0;
  friend auto operator<=>(const PiecePlace&, const PiecePlace&) = default;
};

struct PartitionEntry {
  std::int32_t epoch = 0;
  Position position;
  std::vector<std::int32_t> stale_epochs;  // older keys still there; their owner tombstones them
  std::map<PiecePlace, MapPiece> pieces;
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
  [[nodiscard]] const std::map<TopicPartition, Remedy>& remedies() const { return remedies_; }
  // The last one: whether the target's schema registry is handed over.
  [[nodiscard]] const std::optional<Command>& schemas_command() const { return schemas_command_; }
  // Oldest first, without what a former owner says of the target too late.
  [[nodiscard]] std::vector<Event> events() const;
  // Of the target: what events say are no first copies, told since the position of `source` was
  // written, which does not count them. In the order they were told.
  [[nodiscard]] std::vector<OffsetRange> named_behind_position(const TopicPartition& source) const;
  // The number the next event takes; see key_of().
  [[nodiscard]] std::int64_t next_event() const;
  // Above the epoch of every record here: a new owner's.
  [[nodiscard]] std::int32_t epochs_end() const;
  // True when the flow, the topic or the partition is paused by command.
  [[nodiscard]] bool is_paused(const TopicPartition& source) const;

 private:
  using Value = std::optional<std::string_view>;
  using Pieces = std::map<PiecePlace, MapPiece>;

  Result<void> apply_to(const DefinitionKey& key, Value value);
  Result<void> apply_to(const PositionKey& key, Value value);
  Result<void> apply_to(const MapKey& key, Value value);
  Result<void> apply_to(const EventKey& key, Value value);
  Result<void> apply_to(const CommandKey& key, Value value);
  Result<void> apply_to(const RemedyKey& key, Value value);
  Result<void> apply_to(const SchemasKey& key, Value value);
  Result<void> apply_to(const OwnerKey& key, Value value);
  Result<void> apply_to(const UnknownKey& key, Value value);
  // Makes the entry of a partition agree with positions_.
  void settle(const PartitionIdentity& identity);

  std::optional<Definition> definition_;
  std::optional<Owner> owner_;
  std::map<PartitionIdentity, PartitionEntry> partitions_;
  // Every epoch's position, so that the next lower one counts when the highest is tombstoned.
  std::map<PartitionIdentity, std::map<std::int32_t, Position>> positions_;
  // Pieces of partitions without a position (yet).
  std::map<PartitionIdentity, Pieces> orphans_;
  std::map<CommandKey, Command> commands_;
  std::map<TopicPartition, Remedy> remedies_;
  std::optional<Command> schemas_command_;
  std::map<std::int32_t, Event> events_;
  // Numbers of events about the target that came behind the position that counts.
  std::map<TopicPartition, std::set<std::int64_t>> told_behind_position_;
};

// Of the open block: the pieces that the position counts, written under its epoch; part 0 of that
// epoch replaces the others. Of a sealed block: part 0 of the highest epoch.
[[nodiscard]] bool is_counted(const PartitionEntry& entry, const PiecePlace& place);

// The map of a partition as persisted: the pieces that the position counts, in order, then its last
// segment, cut at the position. A segment that starts below the end of those before it was written
// after a cut and replaces them from there on. What mirror/state/map_writer.h wrote ahead of a
// position that never came is left out.
[[nodiscard]] OffsetMap map_of(const PartitionEntry& entry);

}  // namespace longspan
