#include "mirror/state/map_writer.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "lagcalc/assert.h"

namespace longspan {
namespace {

// All but the last one, which is still growing.
std::span<const Segment> closed_segments(const OffsetMap& map) {
  const auto all = map.segments();
  return all.empty() ? all : all.first(all.size() - 1);
}

// Where the growing segment starts, or where the next one can.
Offset growing_start(const OffsetMap& map) {
  return map.segments().empty() ? map.next_source() : map.segments().back().source_start;
}

MapPiece block_of(std::span<const Segment> segments) {
  return {{segments.begin(), segments.end()}, {}};
}

Offset end_of(const MapPiece& block) {
  if (!block.segments.empty()) return block.segments.back().source_end();
  return block.cut ? block.cut->source : Offset{};
}

std::size_t first_from(std::span<const Segment> segments, Offset source) {
  const auto found = std::partition_point(
      segments.begin(), segments.end(), [&](const Segment& s) { return s.source_start < source; });
  return static_cast<std::size_t>(found - segments.begin());
}

}  // namespace

MapWriter::MapWriter(PartitionIdentity identity, std::int32_t epoch)
    : identity_(std::move(identity)), epoch_(epoch) {}

MapWriter::MapWriter(PartitionIdentity identity, std::int32_t epoch, const PartitionEntry& entry)
    : identity_(std::move(identity)), epoch_(epoch) {
  LONGSPAN_ASSERT(epoch > entry.epoch);
  restore_counters(entry, map_of(entry));
}

void MapWriter::restore_counters(const PartitionEntry& entry, const OffsetMap& map) {
  blocks_ = entry.position.blocks;
  block_start_ = growing_start(map);
  for (const auto& [place, stored] : entry.pieces) {
    if (!is_counted(entry, place)) {
      due_.push_back(tombstone(place));
    } else if (place.block < blocks_) {
      sealed_[place.block] = {place.epoch, end_of(stored)};
    } else {
      replaced_.push_back(tombstone(place));
      for (const Segment& s : stored.segments) {
        block_start_ = std::min(block_start_, s.source_start);
      }
    }
  }
  unwritten_from_ = block_start_;
}

std::vector<StateRecord> MapWriter::take(const OffsetMap& map, Position& position) {
  std::vector<StateRecord> out = std::exchange(due_, {});
  const auto all = map.segments();
  const auto closed = closed_segments(map);
  std::size_t fresh = first_from(closed, unwritten_from_);
  std::size_t block = first_from(closed, block_start_);
  constexpr auto kFull = static_cast<std::size_t>(kSegmentsPerBlock);
  for (; closed.size() - block >= kFull; block += kFull, fresh = block) {
    seal(block_of(closed.subspan(block, kFull)), out);
    block_start_ = all[block + kFull].source_start;
  }
  if (fresh < closed.size()) {
    ++parts_;
    out.push_back(piece(parts_, block_of(closed.subspan(fresh))));
  }
  if (!all.empty()) unwritten_from_ = all.back().source_start;
  block_start_ = std::min(block_start_, unwritten_from_);
  position.open = all.empty() ? Segment{} : all.back();
  position.blocks = blocks_;
  position.parts = parts_;
  due_ = std::exchange(replaced_, {});
  return out;
}

// Its last segment may grow: it is written again behind the cut.
void MapWriter::cut(const OffsetMap& map) {
  seal_open(map, MapCut{map.next_source(), map.next_target()}, due_);
  unwritten_from_ = growing_start(map);
  block_start_ = unwritten_from_;
}

std::vector<StateRecord> MapWriter::seal_all(const OffsetMap& map) {
  std::vector<StateRecord> out = std::exchange(due_, {});
  seal_open(map, {}, out);
  unwritten_from_ = {};
  block_start_ = {};
  return out;
}

std::vector<StateRecord> MapWriter::prune(Offset source_log_start) {
  std::vector<StateRecord> out;
  // From the oldest on, without gaps: after a cut a later block overrides an earlier one.
  while (!sealed_.empty() && sealed_.begin()->second.end <= source_log_start) {
    const auto& [block, seal] = *sealed_.begin();
    out.push_back(tombstone({block, 0, seal.epoch}));
    sealed_.erase(sealed_.begin());
  }
  return out;
}

void MapWriter::seal_open(const OffsetMap& map, std::optional<MapCut> cut,
                          std::vector<StateRecord>& out) {
  const auto all = map.segments();
  auto open = all.subspan(first_from(all, block_start_));
  constexpr auto kFull = static_cast<std::size_t>(kSegmentsPerBlock);
  for (; open.size() > kFull; open = open.subspan(kFull)) seal(block_of(open.first(kFull)), out);
  MapPiece last = block_of(open);
  last.cut = cut;
  if (!open.empty() || cut) seal(last, out);
}

void MapWriter::seal(const MapPiece& block, std::vector<StateRecord>& out) {
  out.push_back(piece(0, block));
  for (std::int32_t part = 1; part <= parts_; ++part) {
    out.push_back(tombstone({blocks_, part, epoch_}));
  }
  sealed_[blocks_] = {epoch_, end_of(block)};
  ++blocks_;
  parts_ = 0;
}

StateRecord MapWriter::piece(std::int32_t part, const MapPiece& value) const {
  return {MapKey{identity_.source, identity_.topic_id, blocks_, part, epoch_}, encode(value)};
}

StateRecord MapWriter::tombstone(const PiecePlace& place) const {
  return {MapKey{identity_.source, identity_.topic_id, place.block, place.part, place.epoch},
          std::nullopt};
}

}  // namespace longspan
