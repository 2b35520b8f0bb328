#include "mirror/traces/record_way.h"

#include <algorithm>

#include "lagcalc/clocks/placement.h"

namespace longspan {
namespace {

constexpr std::int64_t kMsInUs = 1000;

std::size_t index(Waypoint waypoint) { return static_cast<std::size_t>(waypoint); }

// Within what is assumed of a clock that nobody measured.
InstantInterval placed(Stamp stamp, std::optional<DurationUs> max_error) {
  return instant_of(stamp, resolved({}, {}, max_error));
}

// Times in marks are floored.
InstantInterval of_mark(TimestampMs at) {
  return centred(Instant{at.value * kMsInUs}, Instant{(at.value + 1) * kMsInUs});
}

// Nothing but this record was acknowledged between the two, so the one that was followed is it.
bool is_its_own(const PassedRecord& passed) {
  const PartitionMark& by = passed.by.mark;
  return passed.before && by.latest && by.latest != passed.before->latest &&
         by.records - passed.before->records == 1;
}

HopSpan span_to(Waypoint to) {
  switch (to) {
    case Waypoint::connector:
      return HopSpan::capture;
    case Waypoint::source_append:
      return HopSpan::append;
    case Waypoint::fetched:
      return HopSpan::wait;
    case Waypoint::produced:
      return HopSpan::queue;
    case Waypoint::commit:
    case Waypoint::target_append:
    case Waypoint::sink_commit:
      break;
  }
  return HopSpan::send;
}

}  // namespace

RecordWay::RecordWay(const WayFacts& facts, const ClockConfig& clocks) {
  place(Waypoint::commit, facts.commit, clocks.database_max_error);
  place(Waypoint::connector, facts.connector, clocks.connector_max_error);
  place(Waypoint::source_append, facts.source_append, clocks.source_max_error);
  place(Waypoint::target_append, facts.target_append, clocks.target_max_error);
  if (facts.passed) place_mirrored(facts);
  drop_contradicting();
  narrow();
}

void RecordWay::place(Waypoint waypoint, const std::optional<Stamp>& stamp,
                      std::optional<DurationUs> max_error) {
  if (stamp && is_in_range(*stamp)) at_[index(waypoint)] = placed(*stamp, max_error);
}

void RecordWay::place_mirrored(const WayFacts& facts) {
  const PassedRecord& passed = *facts.passed;
  auto& append = at_[index(Waypoint::target_append)];
  is_followed_ = is_its_own(passed);
  if (is_followed_) {
    const LatestTimes& its = *passed.by.mark.latest;
    at_[index(Waypoint::fetched)] = of_mark(its.fetched);
    acked_by_ = of_mark(its.acked).high;
    if (!append) append = centred(of_mark(its.fetched).low, acked_by_);
  } else {
    acked_by_ = of_mark(passed.by.at).high;
    if (!append) append = InstantInterval{std::nullopt, std::nullopt, acked_by_, false};
  }
}

// The earlier is not as late, or the later not as early, as their clocks make them.
void RecordWay::drop_contradicting() {
  const auto raw = at_;
  for (std::size_t i = 0; i < kWaypoints; ++i) {
    if (!raw[i] || !raw[i]->low) continue;
    for (std::size_t j = i + 1; j < kWaypoints; ++j) {
      if (!raw[j] || !raw[j]->high || *raw[i]->low <= *raw[j]->high) continue;
      at_[i]->low.reset();
      at_[j]->high.reset();
      at_[i]->point.reset();
      at_[j]->point.reset();
      ++contradictions_;
    }
  }
}

void RecordWay::narrow() {
  const InstantInterval* before = nullptr;
  for (auto& at : at_) {
    if (!at) continue;
    if (before != nullptr && before->low && (!at->low || *at->low < *before->low)) {
      at->low = before->low;
      at->assumed = at->assumed || before->assumed;
    }
    before = &*at;
  }
  const InstantInterval* after = nullptr;
  for (auto each = at_.rbegin(); each != at_.rend(); ++each) {
    auto& at = *each;
    if (!at) continue;
    if (after == nullptr && acked_by_ && (!at->high || *at->high > *acked_by_)) {
      if (!at->low || *at->low <= *acked_by_) at->high = acked_by_;
    }
    if (after != nullptr && after->high && (!at->high || *at->high > *after->high)) {
      at->high = after->high;
      at->assumed = at->assumed || after->assumed;
    }
    after = &*at;
  }
  for (auto& at : at_) {
    if (at && at->point && at->low && at->high) {
      at->point = std::clamp(*at->point, *at->low, std::max(*at->low, *at->high));
    }
  }
}

DurationInterval ordered_difference(const InstantInterval& later, const InstantInterval& earlier) {
  DurationInterval out = difference(later, earlier);
  if (out.high && *out.high < DurationUs{0}) return out;  // not in order, after all
  for (auto* const each : {&out.low, &out.point}) {
    if (*each) *each = std::max(**each, DurationUs{0});
  }
  return out;
}

std::optional<DurationInterval> RecordWay::between(Waypoint earlier, Waypoint later) const {
  if (!at(earlier) || !at(later)) return std::nullopt;
  const DurationInterval out = ordered_difference(*at(later), *at(earlier));
  if (!out.low && !out.high) return std::nullopt;
  return out;
}

std::optional<InstantInterval> sink_at(const RecordWay& way, const SinkFacts& facts,
                                       const ClockConfig& clocks) {
  const auto& append = way.at(Waypoint::target_append);
  if (!append || !is_in_range(facts.commit)) return std::nullopt;
  InstantInterval out{append->low, std::nullopt, std::nullopt, append->assumed};
  if (facts.order == CommitOrder::before_processing) return out;
  const InstantInterval commit = placed(facts.commit, clocks.target_max_error);
  if (commit.high && append->low && *commit.high < *append->low) return out;
  out.high = commit.high;
  out.assumed = out.assumed || commit.assumed;
  if (!append->point || !commit.point || !out.low || !out.high) return out;
  Instant from = *append->point;
  if (facts.previous && is_in_range(*facts.previous)) {
    const InstantInterval previous = placed(*facts.previous, clocks.target_max_error);
    if (previous.point) from = std::max(from, *previous.point);
  }
  from = std::min(from, *commit.point);
  out.point = std::clamp(from + DurationUs{(*commit.point - from).value / 2}, *out.low, *out.high);
  return out;
}

std::vector<WayHop> hops_of(const RecordWay& way) {
  std::vector<WayHop> out;
  std::optional<Waypoint> from;
  for (std::size_t i = 0; i < kWaypoints; ++i) {
    const auto to = static_cast<Waypoint>(i);
    if (!way.at(to)) continue;
    const auto took = from ? way.between(*from, to) : std::nullopt;
    if (took) out.push_back({*from, to, *took, span_to(to)});
    from = to;
  }
  return out;
}

}  // namespace longspan
