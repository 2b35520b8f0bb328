// mirror/state/map_writer.h - which map records to write before the next position of a partition.
//
// A segment is written once it is closed, that is when a later one exists; the last, still growing
// one stands in Position.open. Closed segments go out as parts 1, 2, ... of the open block; at
// kSegmentsPerBlock the whole block is written as part 0, its parts are tombstoned and the next
// block begins. Counters in the position say what counts: what a crash left behind them is ignored
// when the state is read (map_of) and removed by the next owner's first write.
//
// Errors:  none. What take() and prune() return must be written in order, take()'s before the
//          position it filled. When that fails, drop the writer and restore from the state topic.
// Threads: a value.
// Limits:  24 bytes per sealed block. Records hold at most kSegmentsPerBlock segments.
// Invariant: after a crash between any two writes, the state reads as the map cut at the last
//          position written.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lagcalc/offset_map.h"
#include "mirror/state/records.h"
#include "mirror/state/slot_state.h"

namespace longspan {

struct StateRecord {
  StateKey key;
  std::optional<std::string> value;  // absent: a tombstone
};

class MapWriter {
 public:
  // A partition without a position; `epoch` is that of the positions it fills.
  MapWriter(PartitionIdentity identity, std::int32_t epoch);
  // Goes on from what is persisted under a lower epoch; the map to go on with is map_of(entry). The
  // block found open is written once more under the new epoch.
  MapWriter(PartitionIdentity identity, std::int32_t epoch, const PartitionEntry& entry);

  // The records for the segments closed since the last call; sets open, blocks and parts of the
  // position, which is written after them. `map` may have forgotten what lies below
  // open_block_start(), nothing else.
  [[nodiscard]] std::vector<StateRecord> take(const OffsetMap& map, Position& position);
  // What was mapped from map.next_source() or map.next_target() on counts no more: a log was cut
  // back. Call before anything is appended behind it; `map` may have forgotten what lies there.
  void cut(const OffsetMap& map);
  // Seals what is open, the growing segment too: the map that follows begins anew, anywhere.
  [[nodiscard]] std::vector<StateRecord> seal_all(const OffsetMap& map);
  // Tombstones of the sealed blocks that lie wholly below the source's log start.
  [[nodiscard]] std::vector<StateRecord> prune(Offset source_log_start);
  // Segments that end at or below it are sealed and written: map.prune_below() may forget them.
  [[nodiscard]] Offset open_block_start() const { return block_start_; }

 private:
  void restore_counters(const PartitionEntry& entry, const OffsetMap& map);
  void seal(const MapPiece& block, std::vector<StateRecord>& out);
  // Everything from block_start_ on, and perhaps a cut behind it.
  void seal_open(const OffsetMap& map, std::optional<MapCut> cut, std::vector<StateRecord>& out);
  [[nodiscard]] StateRecord piece(std::int32_t part, const MapPiece& value) const;
  [[nodiscard]] StateRecord tombstone(const PiecePlace& place) const;

  struct Sealed {
    std::int32_t epoch = 0;
    Offset end;  // of what it says of the source
  };

  PartitionIdentity identity_;
  std::int32_t epoch_ = 0;
  std::int32_t blocks_ = 0;
  std::int32_t parts_ = 0;
  Offset block_start_;     // source start of the open block's first segment, or below it
  Offset unwritten_from_;  // source start of the first segment that is in no piece, or below it
  std::map<std::int32_t, Sealed> sealed_;
  std::vector<StateRecord> due_;       // go out first
  std::vector<StateRecord> replaced_;  // tombstones of what counts until our first position
};

}  // namespace longspan
