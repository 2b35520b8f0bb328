#include "lagcalc/offset_times.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace longspan {
namespace {

constexpr double kFinestShare = 1.0 / 65536;  // of a block's age
constexpr double kCoarsestShare = 0x1p64;     // whatever may be joined is, for any two stamps

// Not below `width`, as near as a float comes.
float rounded_up(std::uint64_t width) {
  const auto nearest = static_cast<float>(width);
  // A long double holds 64 bits, and a float's next one up.
  return static_cast<long double>(nearest) < static_cast<long double>(width)
             ? std::nextafter(nearest, std::numeric_limits<float>::infinity())
             : nearest;
}

}  // namespace

// Differences are unsigned: between any two stamps there is one.
OffsetTimes::Block::Block(Offset first, Offset last, TimestampUs earliest, TimestampUs latest)
    : first_(first),
      earliest_(earliest),
      further_(static_cast<std::uint32_t>(last.value - first.value)),
      width_us_(rounded_up(static_cast<std::uint64_t>(latest.value) -
                           static_cast<std::uint64_t>(earliest.value))) {}

TimestampUs OffsetTimes::Block::latest() const {
  const auto from = static_cast<std::uint64_t>(earliest_.value);
  const std::uint64_t room = static_cast<std::uint64_t>(INT64_MAX) - from;
  if (width_us_ >= static_cast<float>(room)) return {INT64_MAX};
  return {static_cast<std::int64_t>(from + static_cast<std::uint64_t>(width_us_))};
}

void OffsetTimes::Block::extend(Offset last) {
  further_ = static_cast<std::uint32_t>(last.value - first_.value);
}

void OffsetTimes::add(Offset offset, Stamp stamp) {
  if (offset < read_to_) return;
  resolution_us_ = std::max(resolution_us_, stamp.resolution_us);
  newest_ = std::max(newest_.value_or(stamp.at), stamp.at);
  read_to_ = offset.next();
  if (!blocks_.empty()) {
    Block& last = blocks_.back();
    if (last.earliest() <= stamp.at && stamp.at <= last.latest() && last.may_reach(offset)) {
      last.extend(offset);
      return;
    }
  }
  append({offset, offset, stamp.at, stamp.at});
}

void OffsetTimes::append(const Block& block) {
  if (blocks_.size() == kBlocksMax) make_room();
  if (blocks_.size() == blocks_.capacity()) {
    blocks_.reserve(std::min(kBlocksMax, std::max<std::size_t>(4, 2 * blocks_.size())));
  }
  blocks_.push_back(block);
}

void OffsetTimes::make_room() {
  // Of the newest quarter, so that neither one old record nor one of the future sets the age of
  // all.
  TimestampUs now = blocks_.back().latest();
  for (auto it = blocks_.end() - kBlocksMax / 4; it != blocks_.end(); ++it) {
    now = std::max(now, it->latest());
  }
  for (double share = kFinestShare; blocks_.size() > kBlocksMax * 3 / 4; share *= 2) {
    if (share > kCoarsestShare) return forget_below(blocks_[kBlocksMax / 4].first());
    join_within(share, now);
  }
}

// Joins neighbours whose stamps then lie within `share` of their age.
void OffsetTimes::join_within(double share, TimestampUs now) {
  std::size_t kept = 0;
  for (std::size_t i = 1; i < blocks_.size(); ++i) {
    const auto earliest = std::min(blocks_[kept].earliest(), blocks_[i].earliest());
    const auto latest = std::max(blocks_[kept].latest(), blocks_[i].latest());
    const auto width = static_cast<double>(microseconds_between(earliest, latest));
    const auto age =
        static_cast<double>(std::max<std::int64_t>(0, microseconds_between(latest, now)));
    if (width <= share * (age + resolution_us_) && blocks_[kept].may_reach(blocks_[i].last())) {
      blocks_[kept] = {blocks_[kept].first(), blocks_[i].last(), earliest, latest};
    } else {
      blocks_[++kept] = blocks_[i];
    }
  }
  blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(kept) + 1, blocks_.end());
}

void OffsetTimes::read_up_to(Offset end) { read_to_ = std::max(read_to_, end); }

void OffsetTimes::forget_below(Offset offset) {
  from_ = std::max(from_, offset);
  read_to_ = std::max(read_to_, from_);
  const auto is_below = [&](const Block& block) { return block.last() < from_; };
  blocks_.erase(blocks_.begin(), std::find_if_not(blocks_.begin(), blocks_.end(), is_below));
}

StampRange OffsetTimes::range_of(Blocks::const_iterator block) const {
  StampRange out{block->earliest(), block->latest(), 0};
  for (auto it = blocks_.begin(); it != block; ++it) {
    out.disorder_us = std::max(out.disorder_us, microseconds_between(out.earliest, it->latest()));
  }
  out.latest.value += std::min<std::int64_t>(resolution_us_, INT64_MAX - out.latest.value);
  return out;
}

std::optional<StampRange> OffsetTimes::first_at_or_behind(Offset offset) const {
  if (offset < from_) return std::nullopt;
  const auto block =
      std::lower_bound(blocks_.begin(), blocks_.end(), offset,
                       [](const Block& b, Offset wanted) { return b.last() < wanted; });
  if (block == blocks_.end()) return std::nullopt;
  return range_of(block);
}

std::optional<StampRange> OffsetTimes::last_below(Offset offset) const {
  if (offset > read_to_) return std::nullopt;
  const auto end = std::lower_bound(blocks_.begin(), blocks_.end(), offset,
                                    [](const Block& b, Offset below) { return b.first() < below; });
  if (end == blocks_.begin() || offset <= from_) return std::nullopt;
  return range_of(std::prev(end));
}

}  // namespace longspan
