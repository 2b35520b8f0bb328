#include "lagcalc/offset_map.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "lagcalc/assert.h"

namespace longspan {
namespace {

bool satisfies_invariant(const std::vector<Segment>& segments) {
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].length <= 0) return false;
    if (i == 0) continue;
    if (segments[i].source_start < segments[i - 1].source_end()) return false;
    if (segments[i].target_start < segments[i - 1].target_end()) return false;
  }
  return true;
}

// First segment that ends above the source offset.
auto find_by_source(const std::vector<Segment>& segments, Offset source) {
  return std::partition_point(segments.begin(), segments.end(),
                              [&](const Segment& s) { return s.source_end() <= source; });
}

// First segment that ends above the target offset.
auto find_by_target(const std::vector<Segment>& segments, Offset target) {
  return std::partition_point(segments.begin(), segments.end(),
                              [&](const Segment& s) { return s.target_end() <= target; });
}

}  // namespace

OffsetMap::OffsetMap(std::vector<Segment> segments, Offset next_source, Offset next_target)
    : segments_(std::move(segments)), next_source_(next_source), next_target_(next_target) {
  LONGSPAN_ASSERT(satisfies_invariant(segments_));
  LONGSPAN_ASSERT(segments_.empty() || segments_.back().source_end() <= next_source_);
  LONGSPAN_ASSERT(segments_.empty() || segments_.back().target_end() <= next_target_);
}

std::int64_t OffsetMap::append(Offset source, Offset target, std::int64_t count) {
  LONGSPAN_ASSERT(source.value >= 0 && target.value >= 0 && count >= 0);
  LONGSPAN_ASSERT(count <=
                  std::numeric_limits<std::int64_t>::max() - std::max(source.value, target.value));
  const std::int64_t second_copies =
      std::clamp<std::int64_t>((next_source_ - source).count, 0, count);
  const Records known{second_copies};
  const Segment fresh{source + known, target + known, count - second_copies};
  if (fresh.length == 0) {
    next_target_ = std::max(next_target_, fresh.target_end());
    return second_copies;
  }
  forget_targets_from(fresh.target_start);
  if (!segments_.empty() && segments_.back().source_end() == fresh.source_start &&
      segments_.back().target_end() == fresh.target_start) {
    segments_.back().length += fresh.length;
  } else {
    segments_.push_back(fresh);
  }
  next_source_ = fresh.source_end();
  next_target_ = fresh.target_end();
  return second_copies;
}

void OffsetMap::set_next_source(Offset next) {
  LONGSPAN_ASSERT(segments_.empty() || segments_.back().source_end() <= next);
  next_source_ = next;
}

void OffsetMap::set_next_target(Offset next) {
  forget_targets_from(next);
  next_target_ = next;
}

Translation OffsetMap::to_target(Offset source_position) const {
  const auto found = find_by_source(segments_, source_position);
  if (found == segments_.end()) return {next_target_, Exactness::ahead};
  if (source_position >= found->source_start) {
    return {found->target_start + (source_position - found->source_start), Exactness::exact};
  }
  if (found != segments_.begin()) return {found->target_start, Exactness::exact};
  return {found->target_start, pruned_ ? Exactness::pruned : Exactness::before_start};
}

Translation OffsetMap::to_source(Offset target_position) const {
  const auto found = find_by_target(segments_, target_position);
  if (found == segments_.end()) return {next_source_, Exactness::ahead};
  if (target_position >= found->target_start) {
    return {found->source_start + (target_position - found->target_start), Exactness::exact};
  }
  if (found != segments_.begin()) return {found->source_start, Exactness::exact};
  return {found->source_start, pruned_ ? Exactness::pruned : Exactness::before_start};
}

void OffsetMap::prune_below(Offset source) {
  if (segments_.empty()) return;
  auto keep = find_by_source(segments_, source);
  if (keep == segments_.end()) --keep;
  if (keep == segments_.begin()) return;
  segments_.erase(segments_.begin(), keep);
  segments_.shrink_to_fit();
  pruned_ = true;
}

void OffsetMap::truncate_from(Offset source) {
  next_source_ = std::min(next_source_, source);
  const auto found = find_by_source(segments_, source);
  if (found == segments_.end()) return;
  const auto index = static_cast<std::size_t>(found - segments_.begin());
  Segment& first = segments_[index];
  const Records kept{std::max<std::int64_t>((source - first.source_start).count, 0)};
  next_target_ = first.target_start + kept;
  first.length = kept.count;
  segments_.resize(kept.count > 0 ? index + 1 : index);
}

void OffsetMap::forget_targets_from(Offset target) {
  if (segments_.empty() || segments_.back().target_end() <= target) return;
  const auto found = find_by_target(segments_, target);
  const auto index = static_cast<std::size_t>(found - segments_.begin());
  Segment& first = segments_[index];
  const Records kept{std::max<std::int64_t>((target - first.target_start).count, 0)};
  first.length = kept.count;
  segments_.resize(kept.count > 0 ? index + 1 : index);
}

}  // namespace longspan
