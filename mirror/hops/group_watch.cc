#include "mirror/hops/group_watch.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace longspan {
namespace {

constexpr std::int64_t kMsInUs = 1000;
constexpr std::chrono::seconds kComputeEach{1};
constexpr int kComputeShare = 50;  // of the time between two computings, one is spent on it

// Indices of the clocks of a sink's commit: behind those of the record (hop_watch.cc).
constexpr std::uint16_t kCommitClock = 3;
constexpr std::uint16_t kPreviousClock = 4;

std::optional<Stamp> time_of(const ObservedCommit& seen) {
  if (const auto at = seen.commit->at) return stamp_of(*at);
  if (seen.seen_by) return Stamp{*seen.seen_by, 1};
  return std::nullopt;
}

// A stamp of longspan's own clock needs no offset.
ClockOffset own_clock(Instant now) {
  ClockOffset out;
  out.bounds = {OffsetBound{}, OffsetBound{}};
  out.as_of = now;
  return out;
}

// The same on the timeline, as far as the clock that wrote it is known.
std::optional<StampRange> placed(std::optional<StampRange> range, const OffsetBounds& clock) {
  if (!range || !clock.is_closed()) return std::nullopt;
  range->earliest.value -= clock.high->us;
  range->latest.value -= clock.low->us;
  return range;
}

}  // namespace

GroupWatch::GroupWatch(const Clock& clock, const HopWatch& hops, GroupSettings settings,
                       const ClockWatch* clocks, SloWatch* slos)
    : clock_(clock),
      hops_(hops),
      settings_(std::move(settings)),
      clocks_(clocks),
      slos_(slos),
      computed_(std::make_shared<const std::vector<GroupSnapshot>>()) {}

void GroupWatch::open(Log& log, const std::string& topic, const TopicPartition& target) {
  if (!settings_.is_on) return;
  log.topic = topic;
  log.target = target;
  log.is_open = true;
  logs_[target] = &log;
  if (auto away = away_.extract(target)) log.positions = std::move(away.mapped());
}

void GroupWatch::await(const TopicPartition& target) {
  if (settings_.is_on && !logs_.contains(target)) away_.try_emplace(target);
}

void GroupWatch::copied(Log& log, Offset first, std::int64_t count, TimestampMs timestamp) {
  if (!log.is_open) return;
  if (!log.times || first < log.times->read_to()) {
    log.times.emplace(first);
    log.copies.clear();
    log.judged_to.clear();
  }
  const auto stamp = stamp_of(timestamp);
  if (!stamp) {
    log.times.emplace(first + Records{count});
    return;
  }
  log.times->add(first, *stamp);
  if (count > 1) log.times->add(first + Records{count - 1}, *stamp);
}

void GroupWatch::copied(Log& log, Copy copy) {
  if (!log.is_open) return;
  while (!log.copies.empty() && log.copies.back().source >= copy.source) log.copies.pop_back();
  log.copies.push_back(std::move(copy));
  if (log.copies.size() > copies_max(log)) thin(log);
}

std::size_t GroupWatch::copies_max(const Log& log) const {
  const auto share =
      std::max(kCopiesOfPartition, kCopiesMax / std::max<std::size_t>(1, logs_.size()));
  return log.positions.empty() ? std::min(share, kCopiesUnread) : share;
}

// Of the older half every other one goes: who commits often finds nearly all, who is far behind
// some of them.
void GroupWatch::thin(Log& log) {
  std::deque<Copy> kept;
  const std::size_t half = log.copies.size() / 2 + 1;
  for (std::size_t i = 0; i < log.copies.size(); ++i) {
    Copy& copy = log.copies[i];
    if (i < half && i % 2 == 0 && i + 1 < log.copies.size()) {
      log.copies[i + 1].stands_for += copy.stands_for;
    } else {
      kept.push_back(std::move(copy));
    }
  }
  log.copies = std::move(kept);
}

void GroupWatch::ends(Log& log, const PartitionEnds& ends) {
  if (!log.is_open) return;
  log.ends = ends;
  log.ends_at = clock_.steady();
}

void GroupWatch::begin_anew() {
  const auto is_of_group = [](const auto& at) { return at.second.last.sink == nullptr; };
  for (auto& [target, log] : logs_) std::erase_if(log->positions, is_of_group);
  for (auto& [target, positions] : away_) std::erase_if(positions, is_of_group);
  for (auto& [name, state] : groups_) state = GroupState::unknown;
}

void GroupWatch::take(const GroupSeen& seen) {
  const auto group = groups_.try_emplace(*seen.group).first;
  group->second = seen.state;
  if (seen.state != GroupState::dead) return;
  for (auto& [target, log] : logs_) {
    log->positions.erase(&group->first);
    log->judged_to.erase(&group->first);
  }
  for (auto& [target, positions] : away_) positions.erase(&group->first);
  committers_.erase({-1, &group->first});
  std::erase_if(latencies_, [&](const auto& sum) { return sum.first.first == &group->first; });
  groups_.erase(group);
}

void GroupWatch::take(const GroupCommits& batch) {
  if (!settings_.is_on) return;
  if (batch.is_first) begin_anew();
  for (const GroupSeen& seen : batch.groups) take(seen);
  for (const ObservedCommit& seen : batch.commits) take(seen, batch.is_first);
}

void GroupWatch::take(const ObservedCommit& seen, bool is_snapshot) {
  const auto found = logs_.find(seen.partition);
  const auto away = away_.find(seen.partition);
  if (found == logs_.end() && away == away_.end()) return;
  Log* const log = found == logs_.end() ? nullptr : found->second;
  Positions& positions = log != nullptr ? log->positions : away->second;
  if (!seen.commit) {
    const auto group = groups_.find(*seen.group);
    if (group != groups_.end()) positions.erase(&group->first);
    return;
  }
  const auto group = groups_.try_emplace(*seen.group, GroupState::unknown).first;
  auto [at, is_new] = positions.try_emplace(&group->first);
  Position& position = at->second;
  // A snapshot does not say when, and the same commit may follow.
  const bool is_same = !is_new && position.last.position.offset == seen.commit->offset &&
                       (!position.last.position.at || position.last.position.at == seen.commit->at);
  if (!is_new && !is_same) position.previous = position.last;
  position.last = {*seen.commit, seen.coordinator, time_of(seen), !seen.commit->at,
                   seen.is_of_sink ? &group->first : nullptr};
  // The wall clock is not the timeline, once it was set.
  if (position.last.at && position.last.is_own_clock) {
    position.last.at->at.value -= clock_.now_us().value - hops_.now().us;
  }
  position.seen_at = clock_.steady();
  if (log == nullptr || !is_believed(*log, position.last)) return;
  learn(*log, position);
  // What was found by asking may have been committed at any time before.
  const bool is_first = is_new && !is_snapshot && (seen.is_exact || seen.seen_after);
  if (is_first || (!is_new && !is_same)) judge(*log, &group->first, position);
  trim(*log);
}

// Anybody may report: what lies beyond the log was not processed.
bool GroupWatch::is_believed(const Log& log, const Commit& commit) {
  if (commit.sink == nullptr) return true;
  Offset end;
  if (log.times) end = log.times->read_to();
  if (log.ends) end = std::max(end, log.ends->end);
  return commit.position.offset <= end.next();
}

GroupWatch::ClockKey GroupWatch::key_of(const Commit& commit) {
  if (commit.sink != nullptr) return {-1, commit.sink};
  return {commit.coordinator.value_or(-1), nullptr};
}

// Nobody asks a sink; a coordinator may be asked beside this.
ClockTracker GroupWatch::tracker_of(const Commit& commit) const {
  TrackerSettings settings = settings_of_unasked_clock();
  settings.max_error = settings_.clocks.target_max_error;
  if (commit.sink != nullptr) return ClockTracker({ClockKind::sink, 0}, settings);
  return ClockTracker({ClockKind::target_broker, commit.coordinator.value_or(-1)}, settings);
}

// It was written before it was read here, and after the last record below it was.
void GroupWatch::learn(Log& log, const Position& position) {
  const Commit& last = position.last;
  if (!last.at || last.is_own_clock) return;
  const Instant now = hops_.now();
  ClockTracker& clock = committers_.try_emplace(key_of(last), tracker_of(last)).first->second;
  clock.add_order(written_not_after(*last.at, now), now);
  const auto behind =
      std::lower_bound(log.copies.begin(), log.copies.end(), last.position.offset,
                       [](const Copy& copy, Offset offset) { return copy.target < offset; });
  if (behind == log.copies.begin()) return;
  const auto& append = std::prev(behind)->times.at(Waypoint::target_append);
  if (!append || !append->low || append->assumed) return;
  clock.add_order(written_not_before(*last.at, *append->low), now);
}

ClockOffset GroupWatch::offset_of(const Commit& commit) const {
  const Instant now = hops_.now();
  if (commit.is_own_clock) return own_clock(now);
  const auto known = committers_.find(key_of(commit));
  std::optional<ClockTracker> nothing;
  const ClockTracker& orders =
      known != committers_.end() ? known->second : nothing.emplace(tracker_of(commit));
  if (clocks_ == nullptr || commit.sink != nullptr) return orders.offset(now);
  const auto table = clocks_->table();
  const ClockOffset measured =
      commit.coordinator ? table->offset_of({ClockKind::target_broker, *commit.coordinator})
                         : table->hull_of(ClockKind::target_broker);
  return narrowed(measured, orders, settings_.clocks.target_max_error, now);
}

GroupLatency* GroupWatch::latency_of(const std::string* group, const std::string& topic) {
  const auto found = latencies_.find({group, topic});
  if (found != latencies_.end()) return &found->second;
  if (latencies_.size() >= kGroupTopicsMax) return nullptr;
  return &latencies_[{group, topic}];
}

// Of the records between the commit before (if any) and this one, this one is the first behind
// them.
void GroupWatch::judge(Log& log, const std::string* group, const Position& position) {
  const Commit& last = position.last;
  Offset from = position.previous ? position.previous->position.offset : Offset{};
  Offset& judged_to = log.judged_to[group];
  from = std::max(from, judged_to);  // it may have been set back, or told anew
  if (!last.at || last.position.offset <= from) return;
  const auto is_below = [](const Copy& copy, Offset offset) { return copy.target < offset; };
  auto copy = std::lower_bound(log.copies.begin(), log.copies.end(), from, is_below);
  if (copy == log.copies.end() || copy->target >= last.position.offset) return;
  GroupLatency* sum = latency_of(group, log.topic);
  if (sum == nullptr) return;
  judged_to = last.position.offset;
  SinkCommit commit{{*last.at, kCommitClock}, std::nullopt};
  std::array<ClockOffset, 5> offsets{};
  offsets[kCommitClock] = offset_of(last);
  if (position.previous && position.previous->at) {
    commit.previous = ClockStamp{*position.previous->at, kCommitClock};
    if (position.previous->coordinator != last.coordinator ||
        position.previous->sink != last.sink ||
        position.previous->is_own_clock != last.is_own_clock) {
      commit.previous->clock = kPreviousClock;
      offsets[kPreviousClock] = offset_of(*position.previous);
    }
  }
  for (; copy != log.copies.end() && copy->target < last.position.offset; ++copy) {
    RecordTimes times = copy->times;
    times.set_sink_commit(commit, offsets);
    const auto count = static_cast<std::uint64_t>(copy->stands_for);
    const auto whole = times.end_to_end();
    sum->end_to_end.record(whole, count, true);
    if (slos_ != nullptr) slos_->judge(log.topic, *group, whole, count, hops_.now());
    sum->append_to_sink_commit.record(times.between(Waypoint::target_append, Waypoint::sink_commit),
                                      count, true);
  }
}

// What every group is past has nobody to wait for.
void GroupWatch::trim(Log& log) {
  if (log.copies.empty()) return;
  Offset lowest{INT64_MAX};
  for (const auto& [group, position] : log.positions) {
    lowest = std::min(lowest, position.last.position.offset);
  }
  while (!log.copies.empty() && log.copies.front().target < lowest) log.copies.pop_front();
}

void GroupWatch::forget(Log& log, bool comes_back) {
  if (!log.is_open) return;
  const auto found = logs_.find(log.target);
  if (found != logs_.end() && found->second == &log) logs_.erase(found);
  away_.erase(log.target);
  if (comes_back) away_.emplace(log.target, std::move(log.positions));
  log = {};
}

void GroupWatch::forget(const std::string& topic) {
  std::erase_if(latencies_, [&](const auto& entry) { return entry.first.second == topic; });
}

GroupCommit GroupWatch::on_timeline(const Commit& commit) const {
  GroupCommit out = commit.position;
  if (!out.at) return out;
  const auto point = offset_of(commit).bounds.interval().point;
  out.at =
      point ? std::optional(TimestampMs{out.at->value - point->value / kMsInUs}) : std::nullopt;
  return out;
}

std::optional<GroupPartition> GroupWatch::inputs(const Log& log, const std::string* group,
                                                 const Position& position) const {
  if (!log.ends && !log.times) return std::nullopt;
  GroupPartition out;
  out.commit = on_timeline(position.last);
  if (position.previous) out.previous = on_timeline(*position.previous);
  out.group = groups_.at(*group);
  if (log.ends) {
    out.log_start = log.ends->start;
    out.last_stable = log.ends->stable_end;
    out.high_watermark = log.ends->end;
  }
  // What is younger than the ends proves an end of its own.
  if (log.times) out.last_stable = std::max(out.last_stable, log.times->read_to());
  if (position.last.sink == nullptr && (!log.ends || position.seen_at >= log.ends_at)) {
    out.last_stable = std::max(out.last_stable, position.last.position.offset);
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
    // Nothing behind it but a transaction's marker.
    if (!out.head && out.last_stable <= times.read_to().next()) out.readable = Records{0};
  }
  out.last_read = placed(times.last_below(out.commit->offset), clock);
  out.newest = times.newest();
}

std::vector<GroupSnapshot> GroupWatch::compute() const {
  std::map<GroupTopic, GroupSnapshot> all;
  const TimestampUs now{hops_.now().us};
  std::size_t shown = 0;
  for (const auto& [target, log] : logs_) {
    for (const auto& [group, position] : log->positions) {
      GroupSnapshot& sum = all[{group, log->topic}];
      GroupPartitionSnapshot of;
      of.partition = target.partition;
      of.committed = position.last.position.offset;
      of.committed_at = position.last.position.at;
      const auto known = inputs(*log, group, position);
      of.lag.state = LagState::known;  // of nothing but the position
      if (known) of.lag = compute_group_lag(*known, now);
      sum.target_topic = target.topic;
      sum.state = groups_.at(*group);
      sum.add(of);
      if (shown < kPartitionsShownMax) {
        ++shown;
        sum.partitions.push_back(std::move(of));
      } else {
        ++sum.partitions_not_shown;
      }
    }
  }
  std::vector<GroupSnapshot> out;
  for (auto& [key, sum] : all) {
    sum.group = *key.first;
    sum.topic = key.second;
    const auto latency = latencies_.find(key);
    if (latency != latencies_.end()) sum.latency = latency->second;
    out.push_back(std::move(sum));
  }
  return out;
}

std::shared_ptr<const std::vector<GroupSnapshot>> GroupWatch::snapshot() {
  const Steady begin = clock_.steady();
  if (!settings_.is_on || begin < next_computing_) return computed_;
  computed_ = std::make_shared<const std::vector<GroupSnapshot>>(compute());
  const Steady end = clock_.steady();
  next_computing_ = end + std::max<Steady::duration>(kComputeEach, (end - begin) * kComputeShare);
  return computed_;
}

}  // namespace longspan
