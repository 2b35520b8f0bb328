#include "lagcalc/clocks/placement.h"

#include <algorithm>

#include "lagcalc/assert.h"

namespace longspan {
namespace {

std::int64_t end_of(Stamp stamp) { return stamp.at.value + stamp.resolution_us; }

// Between the bounds and the stamp, as far as the bounds tell when it was written.
std::int64_t drift_between(Stamp stamp, const OffsetBounds& bounds, Instant as_of,
                           std::int32_t ppm) {
  const std::optional<OffsetBound>& side = bounds.low ? bounds.low : bounds.high;
  return side ? drift_us(as_of.us - (stamp.at.value - side->us), ppm) : 0;
}

void narrow_low(OffsetBounds& bounds, OffsetBound low) {
  if (!bounds.low || low.us > bounds.low->us) bounds.low = low;
}

void narrow_high(OffsetBounds& bounds, OffsetBound high) {
  if (!bounds.high || high.us < bounds.high->us) bounds.high = high;
}

}  // namespace

bool is_in_range(Stamp stamp) {
  return stamp.at.value >= -kTimeMaxUs && stamp.at.value <= kTimeMaxUs && stamp.resolution_us > 0;
}

InstantInterval instant_of(Stamp stamp, const OffsetBounds& bounds) {
  std::optional<Instant> low;
  std::optional<Instant> high;
  if (bounds.high) low = Instant{stamp.at.value - bounds.high->us};
  if (bounds.low) high = Instant{end_of(stamp) - bounds.low->us};
  const bool is_assumed =
      (bounds.low && bounds.low->assumed) || (bounds.high && bounds.high->assumed);
  return centred(low, high, is_assumed);
}

std::optional<ClockEpoch> epoch_of(std::uint16_t clock, const ClockOffset& offset,
                                   const StampOffset& of_stamp) {
  using Epoch = StampOffset::Epoch;
  if (of_stamp.epoch == Epoch::unclear || !offset.epoch) return std::nullopt;
  return ClockEpoch{clock, *offset.epoch - (of_stamp.epoch == Epoch::earlier ? 1 : 0)};
}

StampOffset offset_of(Stamp stamp, const ClockOffset& offset) {
  using Epoch = StampOffset::Epoch;
  const std::int32_t ppm = offset.drift_ppm_max;
  StampOffset present{offset.bounds, Epoch::present,
                      drift_between(stamp, offset.bounds, offset.as_of, ppm)};
  if (!offset.since || !offset.earlier) return present;
  const EarlierOffset& before = *offset.earlier;
  const StampOffset earlier{before.bounds, Epoch::earlier,
                            drift_between(stamp, before.bounds, before.until, ppm)};
  const InstantInterval at_present = instant_of(stamp, present.bounds);
  const InstantInterval at_earlier = instant_of(stamp, earlier.bounds);
  const bool may_be_present = !at_present.high || *at_present.high >= before.until;
  const bool may_be_earlier = !at_earlier.low || *at_earlier.low <= *offset.since;
  // Further back than the step before that one, the clock may have shown anything.
  if (may_be_earlier && before.since && (!at_earlier.low || *at_earlier.low < *before.since)) {
    return {{}, Epoch::unclear, 0};
  }
  if (may_be_present && !may_be_earlier) return present;
  if (may_be_earlier && !may_be_present) return earlier;
  return {hull(present.bounds, earlier.bounds), Epoch::unclear,
          std::max(present.drift_us, earlier.drift_us)};
}

Placement::Placement(const RecordStamps& stamps, std::span<const ClockOffset> offsets)
    : produced_(stamps.produced), acked_(stamps.acked) {
  add(Waypoint::commit, stamps.commit, offsets);
  add(Waypoint::connector, stamps.connector, offsets);
  add(Waypoint::source_append, stamps.source_append, offsets);
  add_own(Waypoint::fetched, stamps.fetched);
  add_own(Waypoint::produced, stamps.produced);
  add(Waypoint::target_append, stamps.target_append, offsets);
  add(Waypoint::sink_commit, stamps.sink_report, offsets);
  widen_by_drift();
  find_contradictions();
  narrow();
  give_up_if_empty();
}

void Placement::add(Waypoint waypoint, const std::optional<ClockStamp>& stamp,
                    std::span<const ClockOffset> offsets) {
  if (!stamp || !is_in_range(stamp->stamp)) return;
  LONGSPAN_ASSERT(stamp->clock < offsets.size());
  const ClockOffset& offset = offsets[stamp->clock];
  const StampOffset of_stamp = offset_of(stamp->stamp, offset);
  add_row(
      waypoint, stamp->stamp,
      {epoch_of(stamp->clock, offset, of_stamp), of_stamp.bounds, of_stamp.drift_us, false, false});
  rows_[row_count_ - 1].drift_ppm_max = offset.drift_ppm_max;
}

void Placement::add_own(Waypoint waypoint, const std::optional<Instant>& at) {
  if (!at) return;
  add_row(waypoint, Stamp{{at->us}, 1},
          {kOwnClock, {OffsetBound{}, OffsetBound{}}, 0, false, false});
}

void Placement::add_row(Waypoint waypoint, Stamp stamp, const Entry& entry) {
  std::size_t place = 0;
  while (place < entry_count_ && !(entry.key && entries_[place].key == entry.key)) ++place;
  if (place == entry_count_) {
    entries_[entry_count_++] = entry;
  } else {
    entries_[place].drift_us = std::max(entries_[place].drift_us, entry.drift_us);
  }
  rows_[row_count_++] = Row{waypoint, stamp, 0, static_cast<std::uint8_t>(place)};
}

void Placement::widen_by_drift() {
  for (std::size_t i = 0; i < entry_count_; ++i) {
    entries_[i].bounds = widened(entries_[i].bounds, entries_[i].drift_us);
  }
}

// Two waypoints of which the earlier cannot have been before the later: the clock of the earlier is
// less far ahead than its bounds say, or that of the later less far behind.
void Placement::find_contradictions() {
  for (std::size_t i = 0; i < row_count_; ++i) {
    const std::optional<OffsetBound>& high = entry(rows_[i]).bounds.high;
    if (!high) continue;
    const std::int64_t earliest = rows_[i].stamp.at.value - high->us;
    for (std::size_t j = i + 1; j < row_count_; ++j) {
      const std::optional<OffsetBound>& low = entry(rows_[j]).bounds.low;
      if (!low || earliest <= end_of(rows_[j].stamp) - low->us) continue;
      if (rows_[i].entry == rows_[j].entry) continue;
      entry(rows_[i]).drops_high = entry(rows_[j]).drops_low = true;
      ++contradictions_;
    }
    if (rows_[i].waypoint == Waypoint::target_append && acked_ && earliest > acked_->us) {
      entry(rows_[i]).drops_high = true;
      ++contradictions_;
    }
  }
  if (contradictions_ > 0) drop_contradicting();
}

void Placement::drop_contradicting() {
  for (std::size_t i = 0; i < entry_count_; ++i) {
    if (entries_[i].key == kOwnClock) continue;
    if (entries_[i].drops_low) entries_[i].bounds.low.reset();
    if (entries_[i].drops_high) entries_[i].bounds.high.reset();
  }
}

void Placement::narrow() {
  for (std::size_t i = 0; i < row_count_; ++i) {
    if (rows_[i].waypoint != Waypoint::target_append || !acked_) continue;
    narrow_low(entry(rows_[i]).bounds, {rows_[i].stamp.at.value - acked_->us, false});
  }
  for (std::size_t i = 1; i < row_count_; ++i) narrow_later(rows_[i - 1], rows_[i]);
  for (std::size_t i = row_count_; i-- > 1;) narrow_earlier(rows_[i - 1], rows_[i]);
}

// The later waypoint is not before the earliest that the earlier one may have been.
void Placement::narrow_later(const Row& earlier, const Row& later) {
  const std::optional<OffsetBound>& high = entry(earlier).bounds.high;
  if (earlier.entry == later.entry || is_own(later) || !high) return;
  const std::int64_t apart = end_of(later.stamp) - earlier.stamp.at.value;
  narrow_high(entry(later).bounds, {high->us + apart, high->assumed});
}

void Placement::narrow_earlier(const Row& earlier, const Row& later) {
  const std::optional<OffsetBound>& low = entry(later).bounds.low;
  if (earlier.entry == later.entry || is_own(earlier) || !low) return;
  const std::int64_t apart = end_of(later.stamp) - earlier.stamp.at.value;
  narrow_low(entry(earlier).bounds, {low->us - apart, low->assumed});
}

// Narrowed until nothing was left: some clock is wrong, and it cannot be told which.
void Placement::give_up_if_empty() {
  const auto is_empty = [](const Entry& entry) { return entry.bounds.is_empty(); };
  const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(entry_count_);
  if (std::none_of(entries_.begin(), end, is_empty)) return;
  ++contradictions_;
  for (std::size_t i = 0; i < entry_count_; ++i) {
    if (entries_[i].key != kOwnClock) entries_[i].bounds = {};
  }
}

void Placement::write(RecordTimes& out) const {
  for (std::size_t i = 0; i < row_count_; ++i) {
    const Row& row = rows_[i];
    out.place(row.waypoint, {instant_of(row.stamp, entries_[row.entry].bounds), row.stamp,
                             entries_[row.entry].key, row.drift_ppm_max});
  }
  if (!out.at(Waypoint::target_append) && produced_ && acked_ && *produced_ <= *acked_) {
    out.place(Waypoint::target_append, {centred(*produced_, *acked_), {}, {}, 0});
  }
  out.contradictions_ = contradictions_;
}

}  // namespace longspan
