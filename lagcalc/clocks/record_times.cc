#include "lagcalc/clocks/record_times.h"

#include <algorithm>

#include "lagcalc/assert.h"
#include "lagcalc/clocks/placement.h"

namespace longspan {
namespace {

// Stamps of one clock: known to their resolutions, and to what a clock drifts meanwhile.
DurationInterval stamp_difference(Stamp later, Stamp earlier, std::int32_t drift_ppm_max) {
  const std::int64_t apart = later.at.value - earlier.at.value;
  const std::int64_t drift = drift_us(apart, drift_ppm_max);
  return {DurationUs{apart - earlier.resolution_us - drift},
          DurationUs{apart + (later.resolution_us - earlier.resolution_us) / 2},
          DurationUs{apart + later.resolution_us + drift}, false};
}

}  // namespace

std::string_view name(Waypoint waypoint) {
  constexpr std::array<std::string_view, kWaypoints> kNames{
      "commit",   "connector",     "source_append", "fetched",
      "produced", "target_append", "sink_commit"};
  return kNames[static_cast<std::size_t>(waypoint)];
}

RecordTimes::RecordTimes(const RecordStamps& stamps, std::span<const ClockOffset> offsets) {
  Placement(stamps, offsets).write(*this);
}

std::optional<DurationInterval> RecordTimes::between(Waypoint earlier, Waypoint later) const {
  LONGSPAN_ASSERT(earlier < later);
  const Placed& from = placed(earlier);
  const Placed& to = placed(later);
  if (!from.at || !to.at) return std::nullopt;
  DurationInterval out = difference(*to.at, *from.at);
  if (from.key && from.key == to.key) {
    DurationInterval exact = stamp_difference(to.stamp, from.stamp, from.drift_ppm_max);
    if (!out.point) return exact;
    exact.point = out.point;
    if (out.assumed) return exact;
    // Over a long time what the clock drifts may be more than what is known of it at both ends.
    out.low = std::max(*out.low, *exact.low);
    out.high = std::min(*out.high, *exact.high);
  } else if (later == Waypoint::sink_commit && commit_) {
    narrow_commit(out, from);
  }
  if (!out.low && !out.high) return std::nullopt;
  return out;
}

// The earliest processing is the append itself, and append and commit may be of one clock, which
// the waypoint that it is measured from may share.
void RecordTimes::narrow_commit(DurationInterval& out, const Placed& from) const {
  const Placed& append = placed(Waypoint::target_append);
  const bool is_append = &from == &append;
  if (!is_append && !(from.key && from.key == append.key)) return;
  const DurationInterval before =
      is_append ? DurationInterval{DurationUs{0}, DurationUs{0}, DurationUs{0}, false}
                : stamp_difference(append.stamp, from.stamp, append.drift_ppm_max);
  // A commit that seems to come before the append needs the wider bound.
  if (!out.point || *out.point >= *before.point) out.low = std::max(out.low, before.low);
  if (!out.high || !from.key || from.key != commit_->key) return;
  const DurationInterval exact = stamp_difference(commit_->stamp, from.stamp, append.drift_ppm_max);
  out.high = std::min(*out.high, *exact.high);
}

void RecordTimes::Placed::cover(const Placed& other) {
  if (!at || !other.at) {
    *this = {};
    return;
  }
  at->low = at->low && other.at->low ? std::min(at->low, other.at->low) : std::nullopt;
  at->high = at->high && other.at->high ? std::max(at->high, other.at->high) : std::nullopt;
  if (!at->low || !at->high) at->point.reset();
  at->assumed = at->assumed || other.at->assumed;
  const bool is_one_stamp = key == other.key && stamp == other.stamp;
  if (!is_one_stamp) key.reset();
}

void RecordTimes::cover(const RecordTimes& other) {
  LONGSPAN_ASSERT(!commit_ && !other.commit_);
  for (std::size_t i = 0; i < kWaypoints; ++i) placed_[i].cover(other.placed_[i]);
  contradictions_ += other.contradictions_;
}

// On the timeline; where one clock wrote append and commit, as far from the append as written.
InstantInterval RecordTimes::commit_at(const ClockStamp& stamp, const Placed& append,
                                       std::span<const ClockOffset> offsets) const {
  LONGSPAN_ASSERT(stamp.clock < offsets.size());
  const ClockOffset& offset = offsets[stamp.clock];
  const StampOffset of_stamp = offset_of(stamp.stamp, offset);
  InstantInterval at = instant_of(stamp.stamp, widened(of_stamp.bounds, of_stamp.drift_us));
  if (!append.key || epoch_of(stamp.clock, offset, of_stamp) != append.key) return at;
  const DurationInterval after = stamp_difference(stamp.stamp, append.stamp, append.drift_ppm_max);
  if (append.at->high) {
    const Instant high = *append.at->high + *after.high;
    if (!at.high || high < *at.high) at.high = high;
  }
  if (append.at->point) at.point = *append.at->point + *after.point;
  return at;
}

// Half way from the append, or the commit before, to the commit.
std::optional<Instant> RecordTimes::commit_point(const SinkCommit& commit, const Placed& append,
                                                 const InstantInterval& last,
                                                 std::span<const ClockOffset> offsets) const {
  if (!append.at->point || !last.point) return std::nullopt;
  Instant from = *append.at->point;
  if (commit.previous && is_in_range(commit.previous->stamp)) {
    const InstantInterval before = commit_at(*commit.previous, append, offsets);
    if (before.point) from = std::max(from, *before.point);
  }
  from = std::min(from, *last.point);
  return from + DurationUs{(*last.point - from).value / 2};
}

void RecordTimes::set_sink_commit(const SinkCommit& commit, std::span<const ClockOffset> offsets) {
  const Placed& append = placed(Waypoint::target_append);
  if (!append.at || !is_in_range(commit.at.stamp)) return;
  InstantInterval processed{append.at->low, std::nullopt, std::nullopt, append.at->assumed};
  commit_ = GroupCommit{commit.at.stamp, std::nullopt};
  if (commit.order == CommitOrder::after_processing) {
    const InstantInterval last = commit_at(commit.at, append, offsets);
    const ClockOffset& offset = offsets[commit.at.clock];
    commit_->key = epoch_of(commit.at.clock, offset, offset_of(commit.at.stamp, offset));
    const bool is_one_clock = append.key && append.key == commit_->key;
    if ((last.high && append.at->low && *last.high < *append.at->low) ||
        (is_one_clock && commit.at.stamp.at < append.stamp.at)) {
      ++contradictions_;
    } else {
      processed.high = last.high;
      processed.assumed = processed.assumed || last.assumed;
      const auto point = commit_point(commit, append, last, offsets);
      if (point && processed.low && processed.high) {
        processed.point = std::clamp(*point, *processed.low, *processed.high);
      }
    }
  }
  placed_[static_cast<std::size_t>(Waypoint::sink_commit)] = Placed{processed, {}, std::nullopt, 0};
}

void HopTally::record(const std::optional<DurationInterval>& hop, std::uint64_t count) {
  if (!hop || (!hop->low && !hop->high)) {
    absent += count;
  } else if (!hop->point) {
    one_sided += count;
  } else {
    known += count;
    if (hop->point->value < 0) negative += count;
  }
}

void HopTally::merge(const HopTally& other) {
  known += other.known;
  one_sided += other.one_sided;
  absent += other.absent;
  negative += other.negative;
}

}  // namespace longspan
