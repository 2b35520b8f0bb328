// What a GroupWatch tells of where groups stand.
#include <algorithm>
#include <chrono>
#include <utility>

#include "mirror/hops/group_watch.h"

namespace longspan {
namespace {

constexpr std::chrono::seconds kComputeEach{1};
constexpr int kComputeShare = 50;  // of the time between two computings, one is spent on it

// The same on the timeline, as far as the clock that wrote it is known.
std::optional<StampRange> placed(std::optional<StampRange> range, const OffsetBounds& clock) {
  if (!range || !clock.is_closed()) return std::nullopt;
  range->earliest.value -= clock.high->us;
  range->latest.value -= clock.low->us;
  return range;
}

}  // namespace

std::optional<GroupPartition> GroupWatch::inputs(const Log& log, const std::string* group,
                                                 const Position& position) const {
  if (!log.ends && !log.times) return std::nullopt;
  GroupPartition out;
  out.commit = clocks_.on_timeline(position.last);
  if (position.previous) out.previous = clocks_.on_timeline(*position.previous);
  out.group = groups_.at(*group).state;
  if (log.ends) {
    out.log_start = log.ends->start;
    out.last_stable = log.ends->stable_end;
    out.high_watermark = log.ends->end;
  }
  // What is younger than the ends proves an end of its own.
  if (log.times) {
    Offset& end = settings_.is_transactional ? out.high_watermark : out.last_stable;
    end = std::max(end, log.times->read_to());
  }
  if (position.last.sink == nullptr && (!log.ends || position.seen_at >= log.ends_at)) {
    out.last_stable = std::max(out.last_stable, position.last.offset);
  }
  out.high_watermark = std::max(out.high_watermark, out.last_stable);
  if (log.times) add_times(out, log);
  return out;
}

void GroupWatch::add_times(GroupPartition& out, const Log& log) const {
  const OffsetBounds clock = hops_.timestamp_clock(log.topic);
  const OffsetTimes& times = *log.times;
  if (const auto unread = first_unread(out); unread && times.covers({*unread, times.read_to()})) {
    out.head = placed(times.first_at_or_behind(*unread), clock);
    // Nothing behind it but a transaction's marker; at the source a record that is not mirrored
    // yet.
    const bool is_marker = settings_.side == EventSide::target;
    if (!out.head && is_marker && out.last_stable <= times.read_to().next()) {
      out.readable = Records{0};
    }
  }
  if (const auto unread = first_unread(out); unread && *unread < times.from()) {
    out.known_unread = placed(times.first_at_or_behind(times.from()), clock);
  }
  out.last_read = placed(times.last_below(out.commit->offset), clock);
  out.newest = times.newest();
}

void GroupWatch::add(Computing& computing, const Log& log, const std::string* group,
                     const Position& position) const {
  GroupSnapshot& sum = computing.sums[{group, log.topic}];
  GroupPartitionSnapshot of;
  of.partition = log.partition.partition;
  of.committed = position.last.offset;
  of.committed_at = position.last.written_at();
  of.lag.state = LagState::known;  // of nothing but the position
  if (const auto known = inputs(log, group, position)) {
    of.lag = compute_group_lag(*known, TimestampUs{hops_.now().us});
  }
  sum.side = settings_.side;
  sum.target_topic = log.target_topic;
  sum.state = groups_.at(*group).state;
  sum.add(of);
  if (computing.shown < kPartitionsShownMax) {
    ++computing.shown;
    sum.partitions.push_back(std::move(of));
  } else {
    ++sum.partitions_not_shown;
  }
}

void GroupWatch::add_unread(Computing& computing, const Log& log, const std::string* group) const {
  GroupSnapshot& sum = computing.sums[{group, log.topic}];
  sum.side = settings_.side;
  sum.target_topic = log.target_topic;
  sum.state = groups_.at(*group).state;
  GroupPartitionSnapshot of;
  of.partition = log.partition.partition;
  sum.add(of);  // never committed
}

// A partition's groups are looked at together.
void GroupWatch::compute_slice() {
  std::size_t looked_at = 0;
  auto at = computing_->behind ? logs_.upper_bound(*computing_->behind) : logs_.begin();
  for (; at != logs_.end() && looked_at < kComputeSlice; ++at) {
    computing_->behind = at->first;
    for (auto& [group, position] : at->second->positions) {
      judge_overdue(*at->second, group, position);
      if (position.is_known) add(*computing_, *at->second, group, position);
    }
    looked_at += 1 + at->second->positions.size();
    const auto readers = readers_.find(at->first.topic);
    const auto& ends = at->second->ends;
    if (readers == readers_.end() || !ends || ends->start >= ends->stable_end) continue;
    looked_at += readers->second.size();
    for (const std::string* const group : readers->second) {
      const auto position = at->second->positions.find(group);
      const bool is_known = position != at->second->positions.end() && position->second.is_known;
      if (!is_known) add_unread(*computing_, *at->second, group);
    }
  }
  if (at != logs_.end()) return;
  computed_ = std::make_shared<const std::vector<GroupSnapshot>>(finish(std::move(*computing_)));
  computing_.reset();
}

std::vector<GroupSnapshot> GroupWatch::finish(Computing computing) const {
  std::vector<GroupSnapshot> out;
  out.reserve(computing.sums.size());
  for (auto& [key, sum] : computing.sums) {
    sum.group = *key.first;
    sum.topic = key.second;
    const auto latency = latencies_.find(key);
    if (latency != latencies_.end()) {
      sum.latency = latency->second.total;
      sum.recent = latency->second.recent.of(hops_.now());
    }
    out.push_back(std::move(sum));
  }
  return out;
}

std::shared_ptr<const std::vector<GroupSnapshot>> GroupWatch::snapshot() {
  const Steady begin = clock_.steady();
  if (!settings_.is_on || (!computing_ && begin < next_computing_)) return computed_;
  if (!computing_) computing_.emplace();
  compute_slice();
  const Steady end = clock_.steady();
  next_computing_ = end + std::max<Steady::duration>(kComputeEach, (end - begin) * kComputeShare);
  return computed_;
}

}  // namespace longspan
