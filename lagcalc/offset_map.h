// lagcalc/offset_map.h - the exact map between source and target offsets of one partition.
//
// With one ordered writer per target partition, target = source - delta, and delta changes only at
// a gap of the source (transaction marker, compaction hole) or at an anomaly of the target (own
// second copies, a foreign writer). So the map is a list of segments of constant delta.
//
// Units:   offsets; a segment covers [source_start, source_start + length) -> the same number of
//          target offsets from target_start.
// Errors:  none; every answer says what kind it is (Exactness).
// Threads: a value.
// Invariant: segments rise strictly in source and in target and never overlap. Only *first* copies
//          are in the map: appending a source offset that is already mapped changes nothing.
//          Nothing is mapped at or above next_source() or next_target().
// Limits:  24 bytes a segment; the owner forgets old ones with prune_below().
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lagcalc/units.h"

namespace longspan {

struct Segment {
  Offset source_start;
  Offset target_start;
  std::int64_t length = 0;
  [[nodiscard]] Offset source_end() const { return source_start + Records{length}; }  // exclusive
  [[nodiscard]] Offset target_end() const { return target_start + Records{length}; }  // exclusive
  friend bool operator==(const Segment&, const Segment&) = default;
};

enum class Exactness : std::uint8_t {
  exact,         // the record there is the first copy of the first record at or after the position
  ahead,         // nothing at or after the position is mirrored yet: the target's next offset
  before_start,  // the position is older than the mirror's start: the first mirrored record
  pruned,        // that part of the map is gone (below the source's log start): the oldest known
};

struct Translation {
  Offset offset;
  Exactness exactness = Exactness::exact;
  friend bool operator==(const Translation&, const Translation&) = default;
};

class OffsetMap {
 public:
  OffsetMap() = default;
  // `segments` must satisfy the invariant. `next_*` as in the setters below.
  OffsetMap(std::vector<Segment> segments, Offset next_source, Offset next_target);

  // `count` records from `source` on were written at `target` on, both contiguous. What lies below
  // next_source() is left out (second copies). Returns how many of them were second copies.
  // A target offset below what is mapped means that the target lost its tail and was written anew:
  // the copies mapped there are gone and are forgotten.
  std::int64_t append(Offset source, Offset target, std::int64_t count);
  // The source position moved over a gap; never below what is mapped (that is truncate_from()).
  void set_next_source(Offset next);
  // The target's next offset was measured; copies mapped at or above it are gone from the target.
  void set_next_target(Offset next);

  // The target offset of the first copy of the first record with source offset >= position.
  [[nodiscard]] Translation to_target(Offset source_position) const;
  // The source offset of the first mapped record with target offset >= position.
  [[nodiscard]] Translation to_source(Offset target_position) const;

  // Drops segments that end at or below the offset (the source's log start, or what its owner does
  // not need in memory); keeps at least the last.
  void prune_below(Offset source);
  // Older segments than those given at construction exist no more.
  void mark_pruned() { pruned_ = true; }
  // Drops what was mapped at or above `source`: the position that was persisted is older. The
  // next copy is then expected where the first dropped one was.
  void truncate_from(Offset source);

  [[nodiscard]] std::span<const Segment> segments() const { return segments_; }
  [[nodiscard]] Offset next_source() const { return next_source_; }
  [[nodiscard]] Offset next_target() const { return next_target_; }
  [[nodiscard]] bool was_pruned() const { return pruned_; }
  friend bool operator==(const OffsetMap&, const OffsetMap&) = default;

 private:
  // Drops copies at or above `target`.
  void forget_targets_from(Offset target);

  std::vector<Segment> segments_;
  Offset next_source_;
  Offset next_target_;
  bool pruned_ = false;
};

}  // namespace longspan
