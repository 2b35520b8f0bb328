#include "mirror/marks/marks_set.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>

#include "lagcalc/assert.h"
#include "lagcalc/histogram_difference.h"

namespace longspan {
namespace {

using Places = std::vector<TopicPositions>;

const TopicPositions* find(const Places& places, const std::string& topic) {
  const auto at = std::lower_bound(
      places.begin(), places.end(), topic,
      [](const TopicPositions& each, const auto& name) { return each.topic < name; });
  return at == places.end() || at->topic != topic ? nullptr : &*at;
}

const PartitionMark* find(const Places& places, const std::string& topic, std::int32_t partition) {
  const auto* const at = find(places, topic);
  if (at == nullptr) return nullptr;
  const auto found = std::lower_bound(
      at->partitions.begin(), at->partitions.end(), partition,
      [](const PartitionMark& each, auto number) { return each.partition < number; });
  return found == at->partitions.end() || found->partition != partition ? nullptr : &*found;
}

bool is_slower(const PartitionMark* a, const PartitionMark* b) {
  return a->slowest->took_ms > b->slowest->took_ms;
}

// Only those that may be the worst of a step: of all partitions some, and of each topic one. A
// topic's only partition is known by the topic's own latencies.
void keep_slowest(Places& places) {
  std::vector<PartitionMark*> all;
  std::set<const PartitionMark*> kept;
  for (auto& [topic, number, partitions] : places) {
    const PartitionMark* of_topic = nullptr;
    for (PartitionMark& mark : partitions) {
      if (!mark.slowest) continue;
      all.push_back(&mark);
      if (of_topic == nullptr || is_slower(&mark, of_topic)) of_topic = &mark;
    }
    if (of_topic != nullptr && partitions.size() > 1) kept.insert(of_topic);
  }
  std::stable_sort(all.begin(), all.end(), is_slower);
  kept.insert(all.begin(), all.begin() + std::min(std::ssize(all), MarksSets::kSlowestMax));
  for (PartitionMark* const mark : all) {
    if (!kept.contains(mark)) mark->slowest.reset();
  }
}

// By topic and number, as a flow's snapshot is.
Places places_of(const FlowSnapshot& flow) {
  Places out;
  for (const auto& partition : flow.partitions) {
    const auto& [topic, number] = partition.source;
    if (out.empty() || out.back().topic != topic) out.push_back({topic, 0, {}});
    auto& all = out.back().partitions;
    if (!all.empty() && all.back().partition == number) continue;  // just changing its shard
    all.push_back({number, partition.state, partition.next_source, partition.next_target,
                   partition.records_total, partition.offset_lag, partition.latest,
                   partition.slowest});
  }
  keep_slowest(out);
  return out;
}

std::size_t count_moved(const Places& now, const Places& before) {
  std::size_t moved = 0;
  for (const auto& [topic, number, partitions] : now) {
    for (const auto& each : partitions) {
      const auto* const was = find(before, topic, each.partition);
      moved += was == nullptr || *was != each;
    }
  }
  return moved;
}

PartitionMark relative(PartitionMark mark, const PartitionMark* base) {
  if (base == nullptr) return mark;
  mark.next_source.value -= base->next_source.value;
  mark.next_target.value -= base->next_target.value;
  mark.records -= base->records;
  return mark;
}

bool subtract(HopTally& later, const HopTally& earlier) {
  const auto minus = [](std::uint64_t& a, std::uint64_t b) {
    if (a < b) return false;
    a -= b;
    return true;
  };
  return minus(later.known, earlier.known) && minus(later.one_sided, earlier.one_sided) &&
         minus(later.absent, earlier.absent) && minus(later.negative, earlier.negative);
}

bool subtract(Histogram& later, const Histogram& earlier) {
  auto rest = difference(later, earlier);
  if (rest) later = std::move(*rest);
  return rest.has_value();
}

bool subtract(TopicHops& later, const TopicHops& earlier) {
  for (std::size_t i = 0; i < later.hops.size(); ++i) {
    auto& hop = later.hops[i];
    const auto& was = earlier.hops[i];
    if (!subtract(hop.point, was.point) || !subtract(hop.low, was.low) ||
        !subtract(hop.high, was.high) || !subtract(hop.tally, was.tally)) {
      return false;
    }
    if (hop.tally == HopTally()) hop.is_assumed = false;
  }
  for (std::size_t i = 0; i < later.without_commit.size(); ++i) {
    if (later.without_commit[i] < earlier.without_commit[i]) return false;
    later.without_commit[i] -= earlier.without_commit[i];
  }
  if (later.sampled_total < earlier.sampled_total) return false;
  if (later.contradictions_total < earlier.contradictions_total) return false;
  later.sampled_total -= earlier.sampled_total;
  later.contradictions_total -= earlier.contradictions_total;
  later.newest_commit.reset();  // a time, not a sum
  return true;
}

std::size_t size_of(const std::vector<std::string>& records) {
  std::size_t sum = 0;
  for (const auto& record : records) sum += record.size();
  return sum;
}

bool is_another_minute(TimestampMs a, TimestampMs b) {
  return a.value / kRollUpMs != b.value / kRollUpMs;
}

}  // namespace

std::size_t MarksSet::bytes() const { return size_of(marks) + size_of(minutes); }

MarksSets::MarksSets(std::string process, TimestampMs started_at)
    : process_(std::move(process)), started_at_(started_at), last_at_(started_at) {}

// No two sets that follow one another have the same: it tells them apart.
TimestampMs MarksSets::time_of(const FlowSnapshot& now) const {
  return base_at_ && now.at == last_at_ ? TimestampMs{now.at.value + 1} : now.at;
}

MarksSet MarksSets::take(const FlowSnapshot& now, std::int64_t interval_ms, bool is_last,
                         bool has_joined) {
  LONGSPAN_ASSERT(!pending_);
  const TimestampMs at = time_of(now);
  if (has_joined && last_at_ < at) {
    last_at_ = std::max(last_at_, {at.value - interval_ms});
    for (auto* sums : {&marks_, &minutes_}) {
      for (auto& [topic, each] : *sums) each.since = std::max(each.since, last_at_);
    }
  }
  const MarkHead head{process_, started_at_, at, interval_ms, is_last, true, has_joined};
  auto& next = pending_.emplace();
  next.at = at;
  next.places = places_of(now);
  next.is_full = !base_at_ || at <= *base_at_ || is_another_minute(at, *base_at_) || is_last;
  forget_gone(now, marks_);
  forget_gone(now, minutes_);
  note_causes(now, interval_ms);

  MarksSet out;
  if (next.is_full) {
    moved_in_minute_ = count_moved(next.places, base_);
    out.minutes = encode(PositionsMark{head, std::nullopt, next.places});
    out.marks = encode(PositionsMark{head, at, {}});  // a sign of life
  } else {
    out.marks = encode(changes(head, next.places));
  }
  add_causes(out, head);
  const double earned = earn(now, std::max(moved_in_minute_, count_moved(next.places, last_)));
  allowance_ -= static_cast<double>(out.bytes());
  allowance_for_latencies_ += earned * kLatenciesLeast;
  allowance_for_latencies_ = std::max(allowance_for_latencies_, allowance_);
  if (next.is_full) {
    auto mark = latencies(head, now, minutes_, next.minutes);
    mark.is_minute = true;
    add(out.minutes, std::move(mark), allowance_for_latencies_ / 2, next.minutes);
  }
  add(out.marks, latencies(head, now, marks_, next.marks), allowance_for_latencies_, next.marks);
  return out;
}

void MarksSets::note_causes(const FlowSnapshot& now, std::int64_t interval_ms) {
  if (!now.why) return;
  apart_ms_ = kMissedMax * interval_ms;
  causes_.note(now.at, *now.why, apart_ms_);
  causes_of_minute_.note(now.at, *now.why, apart_ms_);
}

void MarksSets::add_causes(MarksSet& out, const MarkHead& head) {
  auto& next = *pending_;
  if (!causes_.is_empty()) {
    next.causes = causes_.take();
    out.marks.push_back(encode(CausesMark{head, false, next.causes}));
  }
  if (!next.is_full || causes_of_minute_.is_empty()) return;
  next.causes_of_minute = causes_of_minute_.take();
  out.minutes.push_back(encode(CausesMark{head, true, next.causes_of_minute}));
}

// Of partitions that the full set does not have, all of it was added.
PositionsMark MarksSets::changes(const MarkHead& head, const Places& now) const {
  PositionsMark out{head, base_at_, {}};
  for (const auto& [topic, number, partitions] : now) {
    const auto* const known = find(base_, topic);
    TopicPositions moved{
        known == nullptr ? topic : "", known == nullptr ? 0 : known - base_.data(), {}};
    for (const auto& each : partitions) {
      const auto* const was = find(last_, topic, each.partition);
      if (was != nullptr && *was == each) continue;
      moved.partitions.push_back(relative(each, find(base_, topic, each.partition)));
    }
    if (!moved.partitions.empty()) out.topics.push_back(std::move(moved));
  }
  return out;
}

// What a process adds up goes on where it loses a topic's partitions and gets them back.
void MarksSets::forget_gone(const FlowSnapshot& now, SumsByTopic& sums) const {
  if (sums.size() <= now.topics.size() + kGoneKept) return;
  std::set<std::string_view> there;
  for (const auto& topic : now.topics) there.insert(topic.source);
  std::erase_if(sums, [&there](const auto& each) { return !there.contains(each.first); });
}

// Everything that was added, the longest waiting first. `next`: what holds once it is written.
LatenciesMark MarksSets::latencies(const MarkHead& head, const FlowSnapshot& now,
                                   SumsByTopic& before, SumsByTopic& next) {
  LatenciesMark out{head, false, {}};
  for (const auto& topic : now.topics) {
    auto& was = before.try_emplace(topic.source, Sums{last_at_, {}, {}, {}}).first->second;
    Sums sums{head.at, topic.mirror_latency, topic.residence, topic.hops.value_or(TopicHops())};
    TopicLatencies added{topic.source, was.since, sums.mirror_latency, sums.residence, sums.hops};
    const bool is_known = subtract(added.mirror_latency, was.mirror_latency) &&
                          subtract(added.residence, was.residence) &&
                          subtract(added.hops, was.hops);
    const bool is_empty = added.mirror_latency.count() == 0 && added.hops == TopicHops();
    sums.before = !is_known || is_empty ? was.before : std::optional(was.since);
    sums.begin_at(head.at);
    if (!is_known || is_empty) {
      was = std::move(sums);
      continue;
    }
    out.topics.push_back(std::move(added));
    next[topic.source] = std::move(sums);
  }
  std::stable_sort(out.topics.begin(), out.topics.end(),
                   [](const auto& a, const auto& b) { return a.since < b.since; });
  return out;
}

double MarksSets::earn(const FlowSnapshot& now, std::size_t moved) {
  const auto active = static_cast<std::int64_t>(moved);
  const auto idle = std::ssize(now.partitions) - active;
  const auto begun = std::max<std::int64_t>(1, (active + kPartitions - 1) / kPartitions);
  const double rate = kBytesPerSecond * static_cast<double>(begun) +
                      kIdleBytesPerSecond * static_cast<double>(std::max<std::int64_t>(0, idle));
  const auto elapsed = std::clamp<std::int64_t>(now.at - last_at_, 0, kRollUpMs);
  const double most = rate * static_cast<double>(kRollUpMs) / 1000;
  const double earned = rate * static_cast<double>(elapsed) / 1000;
  allowance_ = std::clamp(allowance_ + earned, -most, most);
  return earned;
}

void MarksSets::add(std::vector<std::string>& out, LatenciesMark mark, double most,
                    SumsByTopic& next) {
  double taken = 0;
  const auto does_not_fit =
      std::find_if(mark.topics.begin(), mark.topics.end(), [&](const TopicLatencies& topic) {
        taken += static_cast<double>(encoded_size(mark, topic));
        return taken > most;
      });
  for (auto at = does_not_fit; at != mark.topics.end(); ++at) next.erase(at->topic);
  mark.topics.erase(does_not_fit, mark.topics.end());
  if (mark.topics.empty()) return;
  auto records = encode(mark);
  allowance_ -= static_cast<double>(size_of(records));
  allowance_for_latencies_ -= static_cast<double>(size_of(records));
  std::move(records.begin(), records.end(), std::back_inserter(out));
}

void MarksSets::dropped() {
  if (!pending_) return;
  for (auto& span : pending_->causes) causes_.add(std::move(span), apart_ms_);
  for (auto& span : pending_->causes_of_minute) causes_of_minute_.add(std::move(span), apart_ms_);
  pending_.reset();
}

void MarksSets::written() {
  LONGSPAN_ASSERT(pending_.has_value());
  auto& done = *pending_;
  if (done.is_full) {
    base_at_ = done.at;
    base_ = done.places;
  }
  last_ = std::move(done.places);
  last_at_ = done.at;
  for (auto& [topic, sums] : done.marks) marks_[topic] = std::move(sums);
  for (auto& [topic, sums] : done.minutes) minutes_[topic] = std::move(sums);
  pending_.reset();
}

}  // namespace longspan
