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
  const auto from_at = from.at();
  const auto to_at = to.at();
  if (!from_at || !to_at) return std::nullopt;
  DurationInterval out = difference(*to_at, *from_at);
  if (later == Waypoint::sink_commit && is_group_commit_) {
    narrow_commit(out, from);
  } else if (from.is_of_clock_of(to)) {
    DurationInterval exact = stamp_difference(to.stamp(), from.stamp(), from.drift_ppm_max());
    if (!out.point) return exact;
    exact.point = out.point;
    if (out.assumed) return exact;
    // Over a long time what the clock drifts may be more than what is known of it at both ends.
    out.low = std::max(*out.low, *exact.low);
    out.high = std::min(*out.high, *exact.high);
  }
  if (!out.low && !out.high) return std::nullopt;
  return out;
}

// The earliest processing is the append itself, and append and commit may be of one clock, which
// the waypoint that it is measured from may share.
void RecordTimes::narrow_commit(DurationInterval& out, const Placed& from) const {
  const Placed& append = placed(Waypoint::target_append);
  const Placed& commit = placed(Waypoint::sink_commit);
  const bool is_append = &from == &append;
  if (!is_append && !from.is_of_clock_of(append)) return;
  const std::int32_t ppm = append.drift_ppm_max();
  const DurationInterval before =
      is_append ? DurationInterval{DurationUs{0}, DurationUs{0}, DurationUs{0}, false}
                : stamp_difference(append.stamp(), from.stamp(), ppm);
  // A commit that seems to come before the append needs the wider bound.
  if (!out.point || *out.point >= *before.point) out.low = std::max(out.low, before.low);
  if (!out.high || !from.is_of_clock_of(commit)) return;
  const DurationInterval exact = stamp_difference(commit.stamp(), from.stamp(), ppm);
  out.high = std::min(*out.high, *exact.high);
}

RecordTimes::Placed::Placed(const InstantInterval& at, Stamp stamp,
                            const std::optional<ClockEpoch>& key, std::int32_t drift_ppm_max)
    : low_(packed(at.low)),
      point_(packed(at.point)),
      high_(packed(at.high)),
      stamp_(stamp.at),
      resolution_us_(stamp.resolution_us),
      drift_ppm_max_(drift_ppm_max),
      is_placed_(true),
      is_assumed_(at.assumed),
      has_key_(key.has_value()) {
  if (!key) return;
  clock_ = key->clock;
  epoch_ = key->epoch;
  LONGSPAN_ASSERT(clock_ == key->clock);
}

void RecordTimes::Placed::cover(const Placed& other) {
  if (!is_placed_ || !other.is_placed_) {
    *this = {};
    return;
  }
  // An absent side is the least of all.
  low_ = std::min(low_, other.low_);
  high_ = high_ == kAbsent || other.high_ == kAbsent ? kAbsent : std::max(high_, other.high_);
  if (low_ == kAbsent || high_ == kAbsent) point_ = kAbsent;
  is_assumed_ = is_assumed_ || other.is_assumed_;
  const bool is_one_stamp = key() == other.key() && stamp() == other.stamp();
  if (!is_one_stamp) has_key_ = false;
}

void RecordTimes::cover(const RecordTimes& other) {
  LONGSPAN_ASSERT(!is_group_commit_ && !other.is_group_commit_);
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
  const auto key = append.key();
  if (!key || epoch_of(stamp.clock, offset, of_stamp) != key) return at;
  const DurationInterval after =
      stamp_difference(stamp.stamp, append.stamp(), append.drift_ppm_max());
  const InstantInterval appended = *append.at();
  if (appended.high) {
    const Instant high = *appended.high + *after.high;
    if (!at.high || high < *at.high) at.high = high;
  }
  if (appended.point) at.point = *appended.point + *after.point;
  return at;
}

// Half way from the append, or the commit before, to the commit.
std::optional<Instant> RecordTimes::commit_point(const SinkCommit& commit, const Placed& append,
                                                 const InstantInterval& last,
                                                 std::span<const ClockOffset> offsets) const {
  const InstantInterval appended = *append.at();
  if (!appended.point || !last.point) return std::nullopt;
  Instant from = *appended.point;
  if (commit.previous && is_in_range(commit.previous->stamp)) {
    const InstantInterval before = commit_at(*commit.previous, append, offsets);
    if (before.point) from = std::max(from, *before.point);
  }
  from = std::min(from, *last.point);
  return from + DurationUs{(*last.point - from).value / 2};
}

void RecordTimes::set_sink_commit(const SinkCommit& commit, std::span<const ClockOffset> offsets) {
  const Placed append = placed(Waypoint::target_append);
  const auto appended = append.at();
  if (!appended || !is_in_range(commit.at.stamp)) return;
  InstantInterval processed{appended->low, std::nullopt, std::nullopt, appended->assumed};
  std::optional<ClockEpoch> key;
  if (commit.order == CommitOrder::after_processing) {
    const InstantInterval last = commit_at(commit.at, append, offsets);
    const ClockOffset& offset = offsets[commit.at.clock];
    key = epoch_of(commit.at.clock, offset, offset_of(commit.at.stamp, offset));
    const bool is_one_clock = key && append.key() == key;
    if ((last.high && appended->low && *last.high < *appended->low) ||
        (is_one_clock && commit.at.stamp.at < append.stamp().at)) {
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
  place(Waypoint::sink_commit, {processed, commit.at.stamp, key, 0});
  is_group_commit_ = true;
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
