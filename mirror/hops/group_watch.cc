#include "mirror/hops/group_watch.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "mirror/traces/trace_watch.h"

namespace longspan {
namespace {

// Indices of the clocks of a sink's commit: behind those of the record (hop_watch.cc).
constexpr std::uint16_t kCommitClock = 3;
constexpr std::uint16_t kPreviousClock = 4;
using CommitOffsets = std::array<ClockOffset, 5>;

std::optional<Stamp> time_of(const ObservedCommit& seen) {
  if (const auto at = seen.commit->at) return stamp_of(*at);
  if (seen.seen_by) return Stamp{*seen.seen_by, 1};
  return std::nullopt;
}

auto first_at(auto& copies, Offset target) {
  return std::lower_bound(
      copies.begin(), copies.end(), target,
      [](const GroupWatch::Copy& copy, Offset offset) { return copy.target < offset; });
}

// The first waypoint that is known of it: there its latency begins.
std::optional<Waypoint> begin_of(const GroupWatch::Copy& copy) {
  for (std::size_t i = 0; i < kWaypoints; ++i) {
    const auto waypoint = static_cast<Waypoint>(i);
    const auto at = copy.times.at(waypoint);
    if (at && at->low && at->high) return waypoint;
  }
  return std::nullopt;
}

// What is not known of the two as one: how far apart they began, as a part of their age.
double part_unknown(const GroupWatch::Copy& a, const GroupWatch::Copy& b, Instant now) {
  const auto begin = begin_of(a);
  if (!begin || begin != begin_of(b)) return 0;
  const InstantInterval of_a = *a.times.at(*begin);
  const InstantInterval of_b = *b.times.at(*begin);
  const Instant first = std::min(*of_a.low, *of_b.low);
  const Instant last = std::max(*of_a.high, *of_b.high);
  return static_cast<double>((last - first).value) /
         std::max(1.0, static_cast<double>((now - first).value));
}

// `later` stands for both. One that tells its commit stays as good as it was beside one that does
// not, which is only counted.
void take_in(GroupWatch::Copy& later, GroupWatch::Copy& earlier) {
  later.untold += earlier.untold;
  const auto begin = begin_of(later);
  const auto other = begin_of(earlier);
  if (begin == other) {
    later.stands_for += earlier.stands_for;
    later.times.cover(earlier.times);
  } else if (!other || (begin && *begin < *other)) {
    later.untold += earlier.stands_for;
  } else {
    later.untold += std::exchange(later.stands_for, earlier.stands_for);
    later.times = earlier.times;
    later.trace.reset();  // whose times these are not
  }
}

}  // namespace

GroupWatch::GroupWatch(const Clock& clock, const HopWatch& hops, GroupSettings settings,
                       const ClockWatch* clocks, SloWatch* slos)
    : clock_(clock),
      hops_(hops),
      settings_(std::move(settings)),
      slos_(slos),
      clocks_(settings_.side, hops, settings_.clocks, clocks),
      computed_(std::make_shared<const std::vector<GroupSnapshot>>()) {}

void GroupWatch::open(Log& log, const TopicPartition& source, const TopicPartition& target) {
  if (!settings_.is_on) return;
  log.topic = source.topic;
  log.partition = own(source, target);
  log.target_topic = target.topic;
  log.is_open = true;
  logs_[log.partition] = &log;
  if (auto away = away_.extract(log.partition)) log.positions = std::move(away.mapped());
}

void GroupWatch::await(const TopicPartition& source, const TopicPartition& target) {
  const TopicPartition& partition = own(source, target);
  if (settings_.is_on && !logs_.contains(partition)) away_.try_emplace(partition);
}

void GroupWatch::copied(Log& log, Offset first, std::int64_t count, TimestampMs timestamp) {
  if (!log.is_open) return;
  if (log.times && first < log.times->read_to()) {  // the target was cut
    log.times.reset();
    log.copies.clear();
    log.judged_to = {};
    for (auto& [group, position] : log.positions) position.judged_to = position.overdue_to = {};
  }
  if (!log.times) log.times.emplace(first);
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
  // Of very many partitions each keeps one: room for another would be a sixth of its memory.
  if (log.copies.size() == 1 && copies_max(log) == 1 && copy.target >= log.judged_to) {
    Copy& kept = log.copies.front();
    if (kept.trace && traces_ != nullptr) traces_->lost_sink();
    take_in(copy, kept);
    kept = std::move(copy);
    return;
  }
  log.copies.push_back(std::move(copy));
  if (log.copies.back().target < log.judged_to) judge_late(log, log.copies.back());
  if (log.copies.size() > copies_max(log)) thin(log);
}

std::size_t GroupWatch::copies_max(const Log& log) const {
  const auto share =
      std::max(kCopiesOfPartition, kCopiesMax / std::max<std::size_t>(1, logs_.size()));
  return log.positions.empty() ? std::min(share, kCopiesUnread) : share;
}

// Of the pairs of neighbours the eighth of which most is known then becomes one each.
void GroupWatch::thin(Log& log) {
  std::vector<Copy>& copies = log.copies;
  const Instant now = hops_.now();
  std::vector<double> parts;
  for (std::size_t i = 1; i < copies.size(); i += 2) {
    parts.push_back(part_unknown(copies[i - 1], copies[i], now));
  }
  std::vector<double> sorted = parts;
  const auto limit = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 8);
  std::nth_element(sorted.begin(), limit, sorted.end());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < copies.size(); ++i) {
    const bool has_later = i % 2 == 0 && i + 1 < copies.size();
    if (has_later && parts[i / 2] <= *limit) {
      if (copies[i].trace && traces_ != nullptr) traces_->lost_sink();
      take_in(copies[i + 1], copies[i]);
      continue;
    }
    if (kept != i) copies[kept] = std::move(copies[i]);
    ++kept;
  }
  copies.erase(copies.begin() + static_cast<std::ptrdiff_t>(kept), copies.end());
}

void GroupWatch::ends(Log& log, const PartitionEnds& ends, Steady asked_at) {
  if (!log.is_open) return;
  log.ends = ends;
  log.ends_at = hops_.at(asked_at);
}

// Of groups: what sinks report does not come again by itself. What is void for the second time is
// gone; until then it is known up to where copies were judged.
void GroupWatch::make_void(Positions& positions) {
  std::erase_if(positions, [](const auto& at) { return !at.second.is_known; });
  for (auto& [group, position] : positions) {
    if (position.last.sink == nullptr) position.is_known = false;
  }
}

void GroupWatch::begin_anew() {
  for (auto& [partition, log] : logs_) make_void(log->positions);
  for (auto& [partition, positions] : away_) make_void(positions);
  for (auto& [name, group] : groups_) group.state = GroupState::unknown;
  readers_.clear();
  computing_.reset();
}

std::map<std::string, GroupWatch::Group>::iterator GroupWatch::group_of(const std::string& name) {
  const auto [group, is_new] = groups_.try_emplace(name);
  if (is_new && settings_.before_processing.matches(name)) {
    group->second.order = CommitOrder::before_processing;
  }
  return group;
}

void GroupWatch::take(const GroupSeen& seen) {
  const auto group = group_of(*seen.group);
  group->second.state = seen.state;
  if (seen.state != GroupState::dead) return;
  const std::string* name = &group->first;
  for (auto& [partition, log] : logs_) log->positions.erase(name);
  for (auto& [partition, positions] : away_) positions.erase(name);
  for (auto& [topic, readers] : readers_) readers.erase(name);
  clocks_.forget(name);
  std::erase_if(latencies_, [&](const auto& sum) { return sum.first.first == name; });
  if (computing_) {
    std::erase_if(computing_->sums, [&](const auto& sum) { return sum.first.first == name; });
  }
  groups_.erase(group);
}

void GroupWatch::take(const GroupCommits& batch) {
  if (!settings_.is_on) return;
  if (batch.is_first) begin_anew();
  for (const GroupSeen& seen : batch.groups) take(seen);
  for (const ObservedCommit& seen : batch.commits) take(seen, batch.is_first);
}

void GroupWatch::take(const ObservedCommit& seen, bool is_snapshot) {
  const auto of_topic = logs_.lower_bound({seen.partition.topic, 0});
  if (seen.commit && of_topic != logs_.end() && of_topic->first.topic == seen.partition.topic) {
    readers_[seen.partition.topic].insert(&group_of(*seen.group)->first);
  }
  const auto found = logs_.find(seen.partition);
  const auto away = away_.find(seen.partition);
  if (found == logs_.end() && away == away_.end()) return;
  Log* const log = found == logs_.end() ? nullptr : found->second;
  Positions& positions = log != nullptr ? log->positions : away->second;
  if (!seen.commit) {
    const auto group = groups_.find(*seen.group);
    if (group == groups_.end()) return;
    const auto gone = positions.find(&group->first);
    if (gone != positions.end()) gone->second.is_known = false;
    return;
  }
  const std::string* const group = &group_of(*seen.group)->first;
  const auto [at, is_inserted] = positions.try_emplace(group);
  Position& position = at->second;
  const bool is_new = is_inserted || !position.is_known;
  if (!is_new && is_older(seen, position.last)) return;
  // A snapshot does not say when, and the same commit may follow.
  const auto told_at = position.last.written_at();
  const bool is_same = !is_new && position.last.offset == seen.commit->offset &&
                       (!told_at || told_at == seen.commit->at);
  if (is_new) {
    position.previous.reset();
  } else if (!is_same && position.is_believed) {
    position.previous = position.last;
  }
  position.last = {seen.commit->offset, seen.commit->leader_epoch,         seen.coordinator,
                   time_of(seen),       seen.is_of_sink ? group : nullptr, !seen.commit->at};
  position.seen_at = hops_.now();
  position.is_known = true;
  // The wall clock is not the timeline, once it was set.
  if (position.last.at && position.last.is_own_clock) {
    position.last.at->at.value -= clock_.now_us().value - position.seen_at.us;
  }
  position.is_believed = log == nullptr || is_believed(*log, position.last);
  if (log == nullptr || !position.is_believed) return;
  learn(*log, position);
  // What was found by asking may have been committed at any time before.
  const bool is_first = is_new && !is_snapshot && (seen.is_exact || seen.seen_after);
  if (is_first || (!is_new && !is_same)) judge(*log, group, position);
  trim(*log);
}

// A sink's reports come by two ways, one of them by way of the cluster.
bool GroupWatch::is_older(const ObservedCommit& seen, const SeenCommit& known) {
  if (!seen.is_of_sink) return false;
  const auto known_at = known.written_at();
  const bool is_earlier = seen.commit->offset < known.offset;
  if (seen.commit->at && known_at) return *seen.commit->at < *known_at && is_earlier;
  return !seen.commit->at && is_earlier;
}

// Anybody may report: what lies beyond the log was not processed.
bool GroupWatch::is_believed(const Log& log, const SeenCommit& commit) {
  if (commit.sink == nullptr) return true;
  Offset end;
  if (log.times) end = log.times->read_to();
  if (log.ends) end = std::max(end, log.ends->end);
  return commit.offset <= end.next();
}

void GroupWatch::learn(const Log& log, const Position& position) {
  std::optional<Instant> not_before;
  const auto behind = first_at(log.copies, position.last.offset);
  if (behind != log.copies.begin()) {
    const auto append = std::prev(behind)->times.at(Waypoint::target_append);
    if (append && !append->assumed) not_before = append->low;
  }
  clocks_.learn(position.last, not_before);
}

GroupWatch::Latency* GroupWatch::latency_of(const std::string* group, const std::string& topic) {
  const auto found = latencies_.find({group, topic});
  if (found != latencies_.end()) return &found->second;
  if (latencies_.size() >= kGroupTopicsMax) return nullptr;
  return &latencies_[{group, topic}];
}

// Of the records between the commit before (if any) and this one, this one is the first behind
// them.
void GroupWatch::judge(Log& log, const std::string* group, Position& position) {
  const SeenCommit& last = position.last;
  Offset from = position.previous ? position.previous->offset : Offset{};
  from = std::max(from, position.judged_to);  // it may have been set back, or told anew
  if (!last.at || last.offset <= from) return;
  position.judged_to = last.offset;
  log.judged_to = std::max(log.judged_to, last.offset);
  auto copy = first_at(log.copies, from);
  if (copy == log.copies.end() || copy->target >= last.offset) return;
  Latency* sum = latency_of(group, log.topic);
  if (sum == nullptr) return;
  SinkCommit commit{{*last.at, kCommitClock}, std::nullopt, groups_.at(*group).order};
  CommitOffsets offsets{};
  offsets[kCommitClock] = clocks_.offset_of(last);
  const auto& previous = position.previous;
  if (previous && previous->at) {
    commit.previous = ClockStamp{*previous->at, kCommitClock};
    if (previous->coordinator != last.coordinator || previous->sink != last.sink ||
        previous->is_own_clock != last.is_own_clock) {
      commit.previous->clock = kPreviousClock;
      offsets[kPreviousClock] = clocks_.offset_of(*previous);
    }
  }
  for (; copy != log.copies.end() && copy->target < last.offset; ++copy) {
    end_way(log, group, *copy, commit, offsets, *sum, copy->target < position.overdue_to);
  }
}

// Commits behind it became known before its acknowledgement did. Of those since it was produced the
// last is the one that is kept: its end lies between its append and that.
void GroupWatch::judge_late(Log& log, Copy& copy) {
  const auto produced = copy.times.at(Waypoint::produced);
  if (!produced || !produced->low) return;
  for (const auto& [group, position] : log.positions) {
    const SeenCommit& last = position.last;
    if (copy.target >= position.judged_to || copy.target >= last.offset || !last.at) continue;
    if (!position.is_known || position.seen_at < *produced->low) continue;  // of what was before
    Latency* sum = latency_of(group, log.topic);
    if (sum == nullptr) continue;
    CommitOffsets offsets{};
    offsets[kCommitClock] = clocks_.offset_of(last);
    end_way(log, group, copy, {{*last.at, kCommitClock}, std::nullopt, groups_.at(*group).order},
            offsets, *sum, copy.target < position.overdue_to);
  }
}

void GroupWatch::judge(const Copy& copy, const Log& log, const std::string& group,
                       const std::optional<DurationInterval>& latency) {
  const Instant now = hops_.now();
  slos_->judge(log.topic, group, latency, static_cast<std::uint64_t>(copy.stands_for), now);
  const auto untold = static_cast<std::uint64_t>(copy.untold);
  if (untold > 0) slos_->judge(log.topic, group, std::nullopt, untold, now);
}

// Copies are in the order of their appends: where one is in time those behind it most likely are.
void GroupWatch::judge_overdue(const Log& log, const std::string* group, Position& position) {
  if (slos_ == nullptr || log.copies.empty() || copies_max(log) == 1) return;
  if (!position.is_known || !position.is_believed) return;
  const auto target = slos_->longest_target(log.topic);
  if (!target) return;
  const Instant now = hops_.now();
  const Offset from = std::max({position.overdue_to, position.judged_to, position.last.offset});
  for (auto copy = first_at(log.copies, from); copy != log.copies.end(); ++copy) {
    const auto& begin = copy->times.at(Waypoint::commit);
    if (begin && begin->high) {
      const DurationUs waits = now - *begin->high;
      if (waits < *target + kOverdueAfter) break;
      DurationInterval at_least;
      at_least.low = waits;
      judge(*copy, log, *group, at_least);
    } else {  // no commit will have it measured
      judge(*copy, log, *group, std::nullopt);
    }
    position.overdue_to = copy->target.next();
  }
}

void GroupWatch::end_way(const Log& log, const std::string* group, Copy& copy,
                         const SinkCommit& commit, std::span<const ClockOffset> offsets,
                         Latency& sum, bool was_overdue) {
  RecordTimes times = copy.times;
  times.set_sink_commit(commit, offsets);
  if (copy.trace && traces_ != nullptr) traces_->sink_committed(copy.trace, *group, times);
  const auto count = static_cast<std::uint64_t>(copy.stands_for);
  const auto whole = times.end_to_end();
  if (slos_ != nullptr && !was_overdue) judge(copy, log, *group, whole);
  const auto last = times.between(Waypoint::target_append, Waypoint::sink_commit);
  for (GroupLatency* const each : {&sum.total, &sum.recent.at(hops_.now())}) {
    each->end_to_end.record(whole, count, true);
    each->append_to_sink_commit.record(last, count, true);
    if (copy.untold == 0) continue;
    each->end_to_end.record(std::nullopt, static_cast<std::uint64_t>(copy.untold), true);
    each->append_to_sink_commit.record(std::nullopt, static_cast<std::uint64_t>(copy.untold), true);
  }
}

// What every group is past has nobody to wait for. Looked for so often that it costs a commit the
// same however many groups there are.
void GroupWatch::trim(Log& log) {
  if (log.copies.empty() || ++log.commits_seen < log.positions.size()) return;
  log.commits_seen = 0;
  Offset lowest{INT64_MAX};
  for (const auto& [group, position] : log.positions) {
    if (position.is_known) lowest = std::min(lowest, position.last.offset);
  }
  const auto first = first_at(log.copies, lowest);
  if (first == log.copies.end()) {
    log.copies = {};
  } else {
    log.copies.erase(log.copies.begin(), first);
  }
}

void GroupWatch::forget(Log& log, bool comes_back) {
  if (!log.is_open) return;
  const auto found = logs_.find(log.partition);
  if (found != logs_.end() && found->second == &log) logs_.erase(found);
  away_.erase(log.partition);
  // Its copies go, and nobody will notice whether it was cut meanwhile.
  for (auto& [group, position] : log.positions) position.judged_to = position.overdue_to = {};
  if (comes_back) away_.emplace(log.partition, std::move(log.positions));
  const std::string& topic = log.partition.topic;
  const auto next = logs_.lower_bound({topic, 0});
  const bool has_others = next != logs_.end() && next->first.topic == topic;
  if (!has_others && !comes_back) readers_.erase(topic);
  log = {};
}

void GroupWatch::forget(const std::string& topic) {
  std::erase_if(latencies_, [&](const auto& entry) { return entry.first.second == topic; });
}

}  // namespace longspan
