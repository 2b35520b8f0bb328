// lagcalc/offset_times.h - when the records of a partition were made, in 2.3 KiB.
//
// A list of (offset, Stamp) would be exact and endless. This keeps blocks: the offsets of
// neighbouring records, and the earliest and latest of their stamps. An answer is a block's
// interval: how far it may be off is part of it. When the blocks are full, neighbours are joined,
// at half the resolution again and again until a quarter is free. Resolution is a share of the
// age: what was read a second ago is known to a tenth of one, last week's to a day. Records of one
// stamp share a block for nothing.
//
// Units:   stamps of one clock (Stamp); offsets rise.
// Errors:  none. What was not seen is absent.
// Threads: a value.
// Limits:  kBlocksMax blocks of 24 bytes, of at most kBlockOffsets offsets each: where that is not
//          enough, the oldest are forgotten. Where stamps rise with offsets, an answer over weeks
//          of traffic is at most 25 % of its age wide.
// Invariant: the stamp of the record that is asked for lies in the answer's interval, in whatever
//          order stamps come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "lagcalc/stamp.h"
#include "lagcalc/stamp_range.h"
#include "lagcalc/units.h"

namespace longspan {

class OffsetTimes {
 public:
  static constexpr std::size_t kBlocksMax = 92;
  static constexpr std::int64_t kBlockOffsets = std::int64_t{1} << 32;

  // Every readable record from `from` on will be added.
  explicit OffsetTimes(Offset from) : from_(from), read_to_(from) {}

  // The next record. One below read_to() was read again and is left out.
  void add(Offset offset, Stamp stamp);
  // Everything below `end` was read: what was not added is a marker, aborted or compacted away.
  void read_up_to(Offset end);
  // Nobody asks for what lies below any more.
  void forget_below(Offset offset);

  [[nodiscard]] Offset from() const { return from_; }
  [[nodiscard]] Offset read_to() const { return read_to_; }
  // Everything of [from, to) was seen: an absent answer for it means that there is no record.
  [[nodiscard]] bool covers(OffsetRange range) const {
    return from_ <= range.from && range.to <= read_to_;
  }

  // The first record at or behind `offset`; absent when there is none, or `offset` is below from().
  [[nodiscard]] std::optional<StampRange> first_at_or_behind(Offset offset) const;
  // The last record below `offset`; absent when none is known, or `offset` is not in
  // (from(), read_to()].
  [[nodiscard]] std::optional<StampRange> last_below(Offset offset) const;
  // The latest stamp of all.
  [[nodiscard]] std::optional<TimestampUs> newest() const { return newest_; }

  [[nodiscard]] std::size_t blocks() const { return blocks_.size(); }
  [[nodiscard]] std::size_t bytes() const {
    return sizeof *this + blocks_.capacity() * sizeof(Block);
  }

 private:
  // Records of [first, last], both inclusive, and their stamps without their resolution.
  class Block {
   public:
    Block(Offset first, Offset last, TimestampUs earliest, TimestampUs latest);

    [[nodiscard]] Offset first() const { return first_; }
    [[nodiscard]] Offset last() const { return {first_.value + further_}; }
    [[nodiscard]] TimestampUs earliest() const { return earliest_; }
    // Rounded up, by less than a ten-millionth of the width.
    [[nodiscard]] TimestampUs latest() const;
    // Whether one block may reach so far.
    [[nodiscard]] bool may_reach(Offset last) const {
      return last.value - first_.value < kBlockOffsets;
    }
    void extend(Offset last);

   private:
    Offset first_;
    TimestampUs earliest_;
    std::uint32_t further_;  // to the last
    float width_us_;
  };
  using Blocks = std::vector<Block>;

  void append(const Block& block);
  void make_room();
  void join_within(double share, TimestampUs now);
  [[nodiscard]] StampRange range_of(Blocks::const_iterator block) const;

  Offset from_;
  Offset read_to_;
  std::int32_t resolution_us_ = 1;  // the coarsest of all stamps
  std::optional<TimestampUs> newest_;
  Blocks blocks_;
};

static_assert(sizeof(OffsetTimes) + OffsetTimes::kBlocksMax * 24 <= 2304);

}  // namespace longspan
