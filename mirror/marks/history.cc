#include "mirror/marks/history.h"

#include <algorithm>
#include <tuple>

#include "lagcalc/assert.h"
#include "mirror/marks/marks_set.h"

namespace longspan {
namespace {

constexpr std::int64_t kTurnMs = 1000;   // a set may be so late
constexpr std::int64_t kUnheardMax = 2;  // intervals: one set may be left out

PartitionMark absolute(PartitionMark mark, const PartitionMark& base) {
  mark.next_source.value += base.next_source.value;
  mark.next_target.value += base.next_target.value;
  mark.records += base.records;
  return mark;
}

// Of `all` that came evenly in `length`, those of the first `part`; the parts add up.
std::int64_t share(std::int64_t all, std::int64_t part, std::int64_t length) {
  if (part >= length) return all;
  const std::int64_t rest = all % length;
  const double of_rest =
      static_cast<double>(rest) * static_cast<double>(part) / static_cast<double>(length);
  return all / length * part + std::min(rest, static_cast<std::int64_t>(of_rest));
}

}  // namespace

void StepLatencies::merge(const TopicLatencies& added) {
  mirror_latency.merge(added.mirror_latency);
  residence.merge(added.residence);
  hops.merge(added.hops);
}

HistoryFold::HistoryFold(HistorySpan span, TimestampMs begin, bool of_minutes)
    : span_(std::move(span)), begin_(begin), of_minutes_(of_minutes) {
  LONGSPAN_ASSERT(span_.step_ms > 0 && span_.from < span_.to);
  for (auto from = span_.from; from < span_.to; from.value += span_.step_ms) {
    HistoryStep step;
    step.from = from;
    step.to = std::min(TimestampMs{from.value + span_.step_ms}, span_.to);
    history_.steps.push_back(std::move(step));
  }
}

// Of a step, or -1 before the first and their number behind the last.
std::int64_t HistoryFold::index_at(TimestampMs at) const {
  if (at < span_.from) return -1;
  if (at >= span_.to) return std::ssize(history_.steps);
  return (at - span_.from) / span_.step_ms;
}

HistoryStep* HistoryFold::step_at(TimestampMs at) {
  if (at < span_.from || at >= span_.to) return nullptr;
  return &history_.steps[static_cast<std::size_t>(index_at(at))];
}

void HistoryFold::add(const Mark& mark) {
  if (const auto* positions = std::get_if<PositionsMark>(&mark)) add(*positions);
  if (const auto* latencies = std::get_if<LatenciesMark>(&mark)) add(*latencies);
  if (const auto* causes = std::get_if<CausesMark>(&mark)) add(*causes);
}

// The first mark of a set begins it.
HistoryFold::Process& HistoryFold::process_of(const MarkHead& head) {
  const auto [found, is_new] = processes_.try_emplace({head.process, head.started_at});
  if (is_new) forget_silent();
  Process& process = found->second;
  process.seen = ++seen_;
  if (process.at == head.at) {
    process.is_over = process.is_over || head.is_last;
    return process;
  }
  const std::int64_t interval =
      of_minutes_ ? std::max(head.interval_ms, kRollUpMs) : head.interval_ms;
  note_time(process, head, interval);
  process.at = head.at;
  process.is_over = head.is_last;
  process.is_forgotten = false;
  process.interval_ms = interval;
  if (head.at < span_.to) history_.last_at = std::max(history_.last_at, process.at);
  if (step_at(head.at) != nullptr) {
    history_.interval_ms = std::max(history_.interval_ms, head.interval_ms);
  }
  return process;
}

// Whether what the set tells of was observed. Where the process had no part before, or its clock
// was set back, that is the last interval.
void HistoryFold::note_time(Process& process, const MarkHead& head, std::int64_t interval_ms) {
  const bool is_seen_whole = process.at.has_value() || head.started_at >= begin_;
  const std::int64_t interval = process.at ? process.interval_ms : interval_ms;
  process.since = process.at.value_or(head.started_at);
  process.gap.reset();
  const TimestampMs one{head.at.value - interval_ms};
  if (process.since > head.at || head.has_joined) {
    const bool is_set_back = process.since > head.at;
    process.since = is_set_back ? one : std::max(process.since, one);
  }
  const std::int64_t most = kMissedMax * interval + kTurnMs;
  if (process.since < span_.to && head.at >= span_.to) {
    process.is_there_at_end = head.at - process.since <= most;
  }
  const bool is_heard = head.at - process.since <= kUnheardMax * interval + kTurnMs;
  heard_.add(is_heard ? process.since : is_seen_whole ? head.at : one, {head.at.value + 1});
  if (!is_seen_whole || process.since >= head.at) return;
  const bool is_within_one = index_at(process.since) == index_at(TimestampMs{head.at.value - 1});
  if (!is_within_one && head.at - process.since > most) {
    process.gap = history_.gaps.size();
    history_.gaps.push_back({process.since, head.at, 0});
  } else {
    covered_.add(std::max(process.since, span_.from), std::min(head.at, span_.to));
  }
}

void HistoryFold::forget(Process& process) {
  for (const auto& [topic, open] : process.open) settle(open, process.interval_ms);
  Process kept;
  kept.at = process.at;
  kept.interval_ms = process.interval_ms;
  kept.is_over = process.is_over;
  kept.is_forgotten = true;
  kept.seen = process.seen;
  process = std::move(kept);
}

void HistoryFold::forget_silent() {
  std::vector<Process*> all;
  for (auto& [key, process] : processes_) {
    if (process.is_over && !process.is_forgotten) forget(process);
    if (!process.base.empty() || !process.last.empty()) all.push_back(&process);
  }
  std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return a->seen < b->seen; });
  const std::size_t most = kPositionsEach * history_.points.size();
  auto held = positions_held();
  for (auto* process : all) {
    if (held <= most) return;
    held -= process->base.size() + process->last.size();
    forget(*process);
  }
}

std::size_t HistoryFold::positions_held() const {
  std::size_t sum = 0;
  for (const auto& [key, process] : processes_) sum += process.base.size() + process.last.size();
  return sum;
}

void HistoryFold::add(const PositionsMark& mark) {
  const auto known = processes_.find({mark.head.process, mark.head.started_at});
  const bool is_forgotten = known != processes_.end() && known->second.is_forgotten;
  auto& process = process_of(mark.head);
  if (!mark.base && mark.head.is_first) {
    begin_base(process, mark.head, is_forgotten);
  }
  const bool is_of_base = process.base_at == mark.base.value_or(mark.head.at);
  for (const auto& each : mark.topics) {
    auto& names = process.base_topics;
    const bool is_named = !each.topic.empty();
    const bool is_new = !mark.base && (names.empty() || names.back() != each.topic);
    if (is_named && is_new && is_of_base) names.push_back(each.topic);
    if (!is_of_base || (!is_named && std::cmp_greater_equal(each.number, names.size()))) {
      // Of those before the span the base may be older than what is read.
      if (step_at(mark.head.at) != nullptr) history_.unreadable += std::ssize(each.partitions);
      continue;
    }
    const auto& topic = is_named ? each.topic : names[static_cast<std::size_t>(each.number)];
    history_.topics.insert(topic);
    if (is_asked_for(topic)) add(process, mark, topic, each.partitions);
  }
}

// What was in neither of the last two full sets, nor written since, went away: of one set only a
// part may have been written.
void HistoryFold::begin_base(Process& process, const MarkHead& head, bool is_forgotten) {
  process.has_earlier_base =
      process.base_at.has_value() || (!is_forgotten && head.started_at >= begin_);
  process.base_at = head.at;
  process.base.clear();
  process.base_topics.clear();
  const auto before = process.full_sets++;
  std::erase_if(process.last, [&](const auto& each) { return each.second.full_sets + 1 < before; });
}

void HistoryFold::add(Process& process, const PositionsMark& mark, const std::string& topic,
                      const std::vector<PartitionMark>& partitions) {
  for (const auto& each : partitions) {
    const TopicPartition source{topic, each.partition};
    if (!mark.base) process.base[source] = each;
    const auto base = process.base.find(source);
    const bool is_relative = mark.base && base != process.base.end();
    add(process, source, is_relative ? absolute(each, base->second) : each);
  }
}

void HistoryFold::add(Process& process, const TopicPartition& source, const PartitionMark& mark) {
  const auto found = process.last.find(source);
  const PartitionMark* const was = found == process.last.end() ? nullptr : &found->second.mark;
  count_records(process, source, mark, was);
  judge(process, source, mark, was);
  if (span_.record_partition == source) note_passed(process, mark, was);
  if (*process.at < span_.to) {
    auto& point = history_.points[source];
    // One process's later mark counts, also where its clock was set back.
    const bool is_its_own = was != nullptr && point.mark == *was;
    if (point.at <= *process.at || is_its_own) point = {*process.at, mark};
  }
  process.last[source] = {mark, process.full_sets};
}

// The first that says so: who has the partition later says it, too.
void HistoryFold::note_passed(const Process& process, const PartitionMark& mark,
                              const PartitionMark* was) {
  if (mark.next_source <= span_.record || *process.at >= span_.to) return;
  if (was != nullptr && was->next_source > span_.record) return;
  if (history_.passed && history_.passed->by.at <= *process.at) return;
  const auto before = was == nullptr ? std::nullopt : std::optional(*was);
  history_.passed = PassedRecord{before, {*process.at, mark}};
}

// Counters of a process begin at 0 with each partition that it is given.
void HistoryFold::count_records(const Process& process, const TopicPartition& source,
                                const PartitionMark& mark, const PartitionMark* was) {
  if (was == nullptr && !process.has_earlier_base) return;
  const bool goes_on = was != nullptr && was->records <= mark.records;
  const auto added = mark.records - (goes_on ? was->records : 0);
  if (added <= 0) return;
  if (process.gap) {
    history_.gaps[*process.gap].records += added;
    return;
  }
  const auto of_steps = spread(added, process.since, *process.at);
  if (of_steps > 0) history_.records[source] += of_steps;
}

std::int64_t HistoryFold::spread(std::int64_t records, TimestampMs from, TimestampMs to) {
  to.value = std::max(to.value, from.value + 1);
  const std::int64_t length = to - from;
  const auto until = [&](TimestampMs at) {
    return share(records, std::clamp<std::int64_t>(at - from, 0, length), length);
  };
  std::int64_t sum = 0;
  for (auto at = std::max(from, span_.from); at < std::min(to, span_.to);) {
    auto& step = *step_at(at);
    const auto of_step = until(step.to) - until(step.from);
    step.records += of_step;
    sum += of_step;
    at = step.to;
  }
  return sum;
}

// A latency is of when it was acknowledged, save what was told of later than it happened; a lag of
// when it was told.
void HistoryFold::judge(const Process& process, const TopicPartition& source,
                        const PartitionMark& mark, const PartitionMark* was) {
  const TimestampMs at = *process.at;
  std::optional<Records> lag = mark.offset_lag;
  if (lag && lag->count <= 0) lag.reset();
  const auto& slowest = mark.slowest;
  const bool is_news =
      slowest && (was == nullptr ? slowest->acked >= process.since : slowest != was->slowest);
  if (is_news) {
    const TimestampMs last{std::max(at.value - 1, process.since.value)};
    const TimestampMs when = std::clamp(slowest->acked, process.since, last);
    const bool is_one_step = index_at(when) == index_at(at);
    offer_worst({source, slowest->took_ms, is_one_step ? lag : std::nullopt}, when);
    if (is_one_step) return;
  }
  if (lag) offer_worst({source, {}, lag}, at);
}

void HistoryFold::offer_worst(const WorstPartition& now, TimestampMs at) {
  auto* const step = step_at(at);
  if (step == nullptr) return;
  const bool is_worse =
      !step->worst || now.latency_ms > step->worst->latency_ms ||
      (now.latency_ms == step->worst->latency_ms && now.offset_lag > step->worst->offset_lag);
  if (is_worse) step->worst = now;
}

void HistoryFold::add(const LatenciesMark& mark) {
  auto& process = process_of(mark.head);
  if (mark.is_minute != of_minutes_) return;
  for (const auto& topic : mark.topics) {
    history_.topics.insert(topic.topic);
    if (!is_asked_for(topic.topic)) continue;
    auto& open = process.open[topic.topic];
    if (open.latencies.since != topic.since) settle(open, process.interval_ms);
    open = {mark.head.at, topic};
  }
}

void HistoryFold::add(const CausesMark& mark) {
  std::ignore = process_of(mark.head);
  if (mark.is_minute != of_minutes_) return;
  for (CauseSpan span : mark.spans) {
    const auto& topic = span.scope.topic;
    if (span.last < span_.from || span.first >= span_.to) continue;
    if (!topic.empty() && !is_asked_for(topic)) continue;
    span.first = std::max(span.first, span_.from);
    span.last = std::min(span.last, span_.to);
    causes_.add(std::move(span), kMissedMax * mark.head.interval_ms + kTurnMs);
  }
}

// A difference of one interval lies in two steps at most, with no more than half of it in the
// lesser; of a longer one the other steps are told where theirs are.
void HistoryFold::settle(const Open& open, std::int64_t interval_ms) {
  if (open.latencies.topic.empty()) return;
  const TimestampMs since = std::min(open.latencies.since, open.at);
  const TimestampMs until = std::max(open.latencies.since, open.at);
  // The step that holds the middle of a time holds most of it.
  auto* const step = step_at({since.value + (until - since) / 2});
  const std::int64_t slack = interval_ms / 2 + kTurnMs;
  if (step != nullptr) {
    step->latencies.merge(open.latencies);
    if (span_.per_topic) step->by_topic[open.latencies.topic].merge(open.latencies);
    if (step->from - since > slack) {
      step->latencies_since = std::min(step->latencies_since.value_or(since), since);
    }
    if (until - step->to > slack) {
      step->latencies_until = std::max(step->latencies_until.value_or(until), until);
    }
  }
  if (until - since <= slack) return;
  for (auto at = std::max(since, span_.from); at < std::min(until, span_.to);) {
    auto& other = *step_at(at);
    const bool is_more = std::min(other.to, until) - std::max(other.from, since) > slack;
    const bool is_whole = other.from >= since && other.to <= until;
    if (&other != step && (is_more || is_whole)) other.latencies_elsewhere = since;
    at = other.to;
  }
}

// What several processes cover is covered once.
void HistoryFold::settle_coverage() {
  std::erase_if(history_.gaps, [this](const HistoryGap& gap) {
    return gap.records == 0 || gap.to <= span_.from || gap.from >= span_.to;
  });
  std::sort(history_.gaps.begin(), history_.gaps.end(),
            [](const auto& a, const auto& b) { return a.from < b.from; });
  CoveredTime gaps;
  CoveredTime either = covered_;
  for (const auto& gap : history_.gaps) {
    gaps.add(gap.from, gap.to);
    either.add(gap.from, gap.to);
  }
  for (auto& step : history_.steps) {
    step.covered_ms = covered_.covered_ms(step.from, step.to);
    const auto of_gaps = gaps.covered_ms(step.from, step.to);
    step.is_incomplete = step.covered_ms + of_gaps > either.covered_ms(step.from, step.to);
  }
}

void HistoryFold::settle_silences() {
  const std::int64_t interval =
      of_minutes_ ? std::max(history_.interval_ms, kRollUpMs) : history_.interval_ms;
  for (const auto& [from, to] : heard_.left_of(span_.from, span_.to)) {
    if (to - from > kUnheardMax * interval + kTurnMs) history_.silences.push_back({from, to});
  }
}

History HistoryFold::finish() {
  for (auto& [key, process] : processes_) {
    for (const auto& [topic, open] : process.open) settle(open, process.interval_ms);
    const bool has_begun = process.at && key.second < span_.to;
    const bool is_due =
        has_begun && (*process.at >= span_.to
                          ? process.is_there_at_end
                          : !process.is_over && span_.to - *process.at <=
                                                    kMissedMax * process.interval_ms + kTurnMs);
    history_.is_running = history_.is_running || is_due;
    if (is_due && *process.at < span_.to) heard_.add(*process.at, span_.to);
  }
  settle_coverage();
  settle_silences();
  history_.causes_left_out = causes_.left_out();
  history_.causes = causes_.take();
  return std::move(history_);
}

}  // namespace longspan
