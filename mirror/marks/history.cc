#include "mirror/marks/history.h"

#include <algorithm>

#include "lagcalc/assert.h"

namespace longspan {
namespace {

// A process that missed so many sets does not run any more.
constexpr std::int64_t kMissedMax = 3;

PartitionMark absolute(PartitionMark mark, const PartitionMark& base) {
  mark.next_source.value += base.next_source.value;
  mark.next_target.value += base.next_target.value;
  mark.records += base.records;
  return mark;
}

TimestampMs middle(TimestampMs from, TimestampMs to) { return {from.value + (to - from) / 2}; }

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

HistoryStep* HistoryFold::step_between(TimestampMs from, TimestampMs to) {
  const TimestampMs at = middle(from, to);
  if (at < span_.from || at >= span_.to) return nullptr;
  return &history_.steps[static_cast<std::size_t>((at - span_.from) / span_.step_ms)];
}

void HistoryFold::add(const Mark& mark) {
  if (const auto* positions = std::get_if<PositionsMark>(&mark)) add(*positions);
  if (const auto* latencies = std::get_if<LatenciesMark>(&mark)) add(*latencies);
}

// The first mark of a set begins it.
HistoryFold::Process& HistoryFold::process_of(const MarkHead& head) {
  auto& process = processes_[{head.process, head.started_at}];
  process.is_over = process.is_over || head.is_last;
  process.interval_ms = head.interval_ms;
  if (process.at == head.at) return process;
  const bool is_seen_whole = process.at.has_value() || head.started_at >= begin_;
  process.before = process.at.value_or(head.started_at);
  process.at = head.at;
  if (is_seen_whole) cover(process, process.before, head.at);
  if (head.at < span_.to) history_.last_at = std::max(history_.last_at, process.at);
  return process;
}

void HistoryFold::cover(Process& process, TimestampMs from, TimestampMs to) {
  from = std::max(from, span_.from);
  to = std::min(to, span_.to);
  while (from < to) {
    const auto index = static_cast<std::size_t>((from - span_.from) / span_.step_ms);
    const auto end = std::min(history_.steps[index].to, to);
    process.covered_ms[index] += end - from;
    from = end;
  }
}

void HistoryFold::add(const PositionsMark& mark) {
  auto& process = process_of(mark.head);
  if (!mark.base && mark.head.is_first) {
    process.has_earlier_base = process.base_at.has_value() || mark.head.started_at >= begin_;
    process.base_at = mark.head.at;
    process.base.clear();
    process.base_topics.clear();
  }
  const bool is_of_base = process.base_at == mark.base.value_or(mark.head.at);
  for (const auto& each : mark.topics) {
    auto& known = process.base_topics;
    const bool is_named = !each.topic.empty();
    const bool is_new = !mark.base && (known.empty() || known.back() != each.topic);
    if (is_named && is_new && is_of_base) known.push_back(each.topic);
    if (!is_of_base || (!is_named && std::cmp_greater_equal(each.number, known.size()))) {
      history_.unreadable += std::ssize(each.partitions);
      continue;
    }
    const auto& topic = is_named ? each.topic : known[static_cast<std::size_t>(each.number)];
    history_.topics.insert(topic);
    if (is_asked_for(topic)) add(process, mark, topic, each.partitions);
  }
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
  count_records(process, source, mark);
  if (auto* step = step_between(*process.at, *process.at)) {
    judge(source, mark, process.before, *step);
  }
  process.last[source] = mark;
  if (*process.at >= span_.to) return;
  auto& point = history_.points[source];
  if (point.at <= *process.at) point = {*process.at, mark};
}

// Counters of a process begin at 0 with each partition that it is given.
void HistoryFold::count_records(Process& process, const TopicPartition& source,
                                const PartitionMark& mark) {
  const auto was = process.last.find(source);
  if (was == process.last.end() && !process.has_earlier_base) return;
  const bool goes_on = was != process.last.end() && was->second.records <= mark.records;
  const auto added = mark.records - (goes_on ? was->second.records : 0);
  auto* step = step_between(process.before, *process.at);
  if (step == nullptr || added <= 0) return;
  step->records += added;
  history_.records[source] += added;
}

void HistoryFold::judge(const TopicPartition& source, const PartitionMark& mark, TimestampMs since,
                        HistoryStep& step) {
  WorstPartition now{source, {}, mark.offset_lag};
  if (mark.latest && mark.latest->commit && mark.latest->acked >= since) {
    now.latency_ms = mark.latest->acked - *mark.latest->commit;
  }
  const bool says_nothing = !now.latency_ms && now.offset_lag.value_or(Records{0}).count <= 0;
  if (says_nothing) return;
  const bool is_worse =
      !step.worst || now.latency_ms > step.worst->latency_ms ||
      (now.latency_ms == step.worst->latency_ms && now.offset_lag > step.worst->offset_lag);
  if (is_worse) step.worst = now;
}

void HistoryFold::add(const LatenciesMark& mark) {
  auto& process = process_of(mark.head);
  if (mark.is_minute != of_minutes_) return;
  for (const auto& topic : mark.topics) {
    history_.topics.insert(topic.topic);
    if (!is_asked_for(topic.topic)) continue;
    auto& open = process.open[topic.topic];
    if (open.latencies.since != topic.since) settle(open);
    open = {mark.head.at, topic};
  }
}

void HistoryFold::settle(const Open& open) {
  if (open.latencies.topic.empty()) return;
  auto* step = step_between(open.latencies.since, open.at);
  if (step == nullptr) return;
  step->latencies.merge(open.latencies);
  if (span_.per_topic) step->by_topic[open.latencies.topic].merge(open.latencies);
  const auto since = open.latencies.since;
  const bool is_longer = open.at - since > span_.step_ms && since < step->from;
  if (is_longer && (!step->latencies_since || since < *step->latencies_since)) {
    step->latencies_since = since;
  }
}

History HistoryFold::finish() {
  for (auto& [key, process] : processes_) {
    for (const auto& [topic, open] : process.open) settle(open);
    for (const auto& [index, ms] : process.covered_ms) {
      auto& covered = history_.steps[index].covered_ms;
      covered = std::max(covered, ms);
    }
    const bool has_begun = process.at && key.second < span_.to;
    const bool is_due =
        has_begun &&
        (*process.at >= span_.to ||
         (!process.is_over && span_.to - *process.at <= kMissedMax * process.interval_ms));
    history_.is_running = history_.is_running || is_due;
  }
  return std::move(history_);
}

}  // namespace longspan
