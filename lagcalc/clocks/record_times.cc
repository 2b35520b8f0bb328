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

std::string_view name(Stop stop) {
  constexpr std::array<std::string_view, kStops> kNames{"commit",     "connector", "source_append",
                                                        "fetched",    "produced",  "target_append",
                                                        "sink_commit"};
  return kNames[static_cast<std::size_t>(stop)];
}

RecordTimes::RecordTimes(const RecordStamps& stamps, std::span<const ClockOffset> offsets) {
  Placement(stamps, offsets).write(*this);
}

std::optional<DurationInterval> RecordTimes::between(Stop earlier, Stop later) const {
  LONGSPAN_ASSERT(earlier < later);
  const Placed& from = placed(earlier);
  const Placed& to = placed(later);
  if (!from.at || !to.at) return std::nullopt;
  DurationInterval out = difference(*to.at, *from.at);
  if (from.key && from.key == to.key) {
    const std::optional<DurationUs> point = out.point;
    out = stamp_difference(to.stamp, from.stamp, from.drift_ppm_max);
    if (point) out.point = point;
  } else if (has_group_commit_ && earlier == Stop::target_append && later == Stop::sink_commit) {
    out.low = DurationUs{0};  // the earliest processing is the append itself
    if (commit_high_ && (!out.high || *commit_high_ < *out.high)) out.high = commit_high_;
  }
  if (!out.low && !out.high) return std::nullopt;
  return out;
}

// On the timeline; where one clock wrote append and commit, as far from the append as written.
InstantInterval RecordTimes::commit_at(const ClockStamp& stamp, const Placed& append,
                                       std::span<const ClockOffset> offsets) const {
  LONGSPAN_ASSERT(stamp.clock < offsets.size());
  const StampOffset offset = offset_of(stamp.stamp, offsets[stamp.clock]);
  InstantInterval at = instant_of(stamp.stamp, widened(offset.bounds, offset.drift_us));
  if (!append.key || offset.key(stamp.clock) != append.key) return at;
  const DurationInterval after = stamp_difference(stamp.stamp, append.stamp, append.drift_ppm_max);
  if (append.at->high) {
    const Instant high = *append.at->high + *after.high;
    if (!at.high || high < *at.high) at.high = high;
  }
  if (append.at->point) at.point = *append.at->point + *after.point;
  return at;
}

void RecordTimes::set_sink_commit(const SinkCommit& commit, std::span<const ClockOffset> offsets) {
  const Placed& append = placed(Stop::target_append);
  if (!append.at || !is_in_range(commit.at.stamp)) return;
  InstantInterval processed{append.at->low, std::nullopt, std::nullopt, append.at->assumed};
  has_group_commit_ = true;
  commit_high_.reset();
  if (commit.order == CommitOrder::after_processing) {
    const InstantInterval last = commit_at(commit.at, append, offsets);
    const bool contradicts = last.high && append.at->low && *last.high < *append.at->low;
    contradictions_ += contradicts ? 1 : 0;
    if (!contradicts) processed.high = last.high;
    processed.assumed = processed.assumed || last.assumed;
    const std::optional<std::int32_t> key =
        offset_of(commit.at.stamp, offsets[commit.at.clock]).key(commit.at.clock);
    if (!contradicts && append.key && append.key == key) {
      commit_high_ = stamp_difference(commit.at.stamp, append.stamp, append.drift_ppm_max).high;
    }
    if (processed.low && processed.high && append.at->point && last.point) {
      Instant from = *append.at->point;
      if (commit.previous && is_in_range(commit.previous->stamp)) {
        const InstantInterval before = commit_at(*commit.previous, append, offsets);
        if (before.point) from = std::max(from, *before.point);
      }
      from = std::min(from, *last.point);
      const Instant middle = from + DurationUs{(*last.point - from).value / 2};
      processed.point = std::clamp(middle, *processed.low, *processed.high);
    }
  }
  placed_[static_cast<std::size_t>(Stop::sink_commit)] = Placed{processed, {}, std::nullopt, 0};
}

void HopTally::record(const std::optional<DurationInterval>& hop) {
  if (!hop || (!hop->low && !hop->high)) {
    ++absent;
  } else if (!hop->point) {
    ++one_sided;
  } else {
    ++known;
    if (hop->point->value < 0) ++negative;
  }
}

}  // namespace longspan
