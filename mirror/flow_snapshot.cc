// A Flow seen from outside: its shards' snapshots put together with what the surveyor found.
#include <algorithm>
#include <set>
#include <string_view>

#include "mirror/flow.h"

namespace longspan {

template <class Sum>
static void merge(std::optional<Sum>& all, const std::optional<Sum>& part) {
  if (all && part) {
    all->merge(*part);
  } else if (part) {
    all = part;
  }
}

// A topic's partitions may be of several shards.
static void merge(std::map<std::string, TopicSnapshot>& topics, const std::string& name,
                  const TopicSnapshot& topic) {
  auto [found, is_new] = topics.try_emplace(name, topic);
  if (is_new) return;
  auto& all = found->second;
  all.mirror_latency.merge(topic.mirror_latency);
  all.residence.merge(topic.residence);
  all.refused_total += topic.refused_total;
  merge(all.hops, topic.hops);
  merge(all.recent_hops, topic.recent_hops);
  // It has one partition: a shard that had it before us knows less.
  const auto newest = [](const auto& of) { return of ? of->newest() : std::nullopt; };
  if (newest(all.heartbeats) < newest(topic.heartbeats)) all.heartbeats = topic.heartbeats;
  if (!topic.framing) return;
  if (!all.framing) all.framing.emplace();
  all.framing->add(*topic.framing);
}

// The same of what groups committed.
using GroupSums = std::map<std::tuple<EventSide, std::string, std::string>, GroupSnapshot>;
static void merge(GroupSums& sums, const std::vector<GroupSnapshot>& groups) {
  for (const GroupSnapshot& group : groups) {
    const auto [found, is_new] = sums.try_emplace({group.side, group.group, group.topic}, group);
    if (!is_new) found->second.merge(group);
  }
}

static std::vector<ConnectorSnapshot> connectors_of(const FlowSnapshot& flow,
                                                    const NamePatterns& heartbeat_tables,
                                                    TimestampMs heard_since) {
  std::set<std::string> ours;
  std::set<std::string> behind;
  for (const auto& p : flow.partitions) {
    ours.insert(p.source.topic);
    if (!p.offset_lag || p.offset_lag->count > 0) behind.insert(p.source.topic);
  }
  std::vector<TopicSign> signs;
  for (const auto& topic : flow.topics) {
    if (!ours.contains(topic.source) || (!topic.hops && !topic.heartbeats)) continue;
    signs.push_back({topic.source, topic.heartbeats,
                     topic.hops ? topic.hops->newest_commit : std::nullopt,
                     !behind.contains(topic.source),
                     topic.heartbeats && heartbeat_tables.matches(topic.source)});
  }
  return longspan::connectors_of(signs, flow.at, heard_since);
}

static void sum_up_bytes(FlowSnapshot& flow) {
  std::map<std::string_view, std::optional<std::int64_t>> sums;
  for (const auto& p : flow.partitions) {
    auto& sum = sums.try_emplace(p.source.topic, 0).first->second;
    sum = sum && p.bytes_lag_estimate ? std::optional(*sum + *p.bytes_lag_estimate) : std::nullopt;
  }
  for (auto& topic : flow.topics) {
    const auto found = sums.find(topic.source);
    if (found != sums.end()) topic.bytes_lag_estimate = found->second;
  }
}

static std::optional<std::int64_t> silence(std::int64_t ms) {
  return ms > 0 ? std::optional(ms) : std::nullopt;
}

void Flow::add_slos(FlowSnapshot& all, const std::vector<SloSnapshot>& slos) const {
  constexpr std::int64_t kSecond = 1'000'000;
  const std::int64_t now_s = clocks_.now().us / kSecond;  // as they were recorded
  for (const auto& slo : slos) all.slos.push_back(status_of(slo, now_s));
  for (const Objective& objective : config_.objectives) {
    const bool is_there = std::any_of(slos.begin(), slos.end(), [&](const SloSnapshot& slo) {
      return slo.objective == objective.text && slo.group.empty();
    });
    if (!is_there) all.slos.push_back({.objective = objective.text, .slo = objective.slo});
  }
}

void Flow::add_connectors(FlowSnapshot& all) const {
  TimestampMs heard_since;
  {
    const std::lock_guard lock(shown_mutex_);
    heard_since = shown_.source_heard_since;
  }
  auto connectors = connectors_of(all, config_.connector_heartbeat_tables, heard_since);
  const std::lock_guard lock(shown_mutex_);
  all.connectors = only_own(std::move(connectors), shown_.topics);
}

// Of a cluster that is not heard of, a group's position is known and what is left to read is not.
static void add_groups(FlowSnapshot& all, GroupSums& groups) {
  for (auto& [name, group] : groups) {
    const bool is_of_source = group.side == EventSide::source;
    if (is_of_source ? all.source_trouble.has_value() : all.target_silent_ms.has_value()) {
      group.forget_ends();
    }
    all.groups.push_back(std::move(group));
  }
}

// What orders of events say of the source's brokers.
static void learn(std::vector<ClockSnapshot>& clocks,
                  const std::map<std::int32_t, OffsetBounds>& brokers,
                  const std::optional<DurationUs>& max_error) {
  for (const auto& [node, bounds] : brokers) {
    const std::string name = ClockId{ClockKind::source_broker, node}.text();
    for (ClockSnapshot& clock : clocks) {
      if (clock.clock == name) clock.learn(bounds, max_error);
    }
  }
}

FlowSnapshot Flow::snapshot() const {
  FlowSnapshot all;
  all.flow = config_.name();
  all.at = ports_.clock->now();
  std::map<std::string, TopicSnapshot> topics;
  GroupSums groups;
  std::vector<SloSnapshot> slos;
  std::map<std::int32_t, OffsetBounds> brokers;
  for (const auto& running : shards_) {
    ShardSnapshot shard = running.shard->snapshot();
    std::move(shard.partitions.begin(), shard.partitions.end(), std::back_inserter(all.partitions));
    for (auto& [name, topic] : shard.topics) merge(topics, name, topic);
    if (shard.slos) longspan::merge(slos, *shard.slos);
    for (const auto& [node, bounds] : shard.source_brokers) {
      brokers[node] = intersection(brokers[node], bounds);
    }
    if (shard.groups) merge(groups, *shard.groups);
    if (shard.source_groups) merge(groups, *shard.source_groups);
    for (const auto& [kind, count] : shard.events_total) all.events_total[kind] += count;
    std::move(shard.recent_events.begin(), shard.recent_events.end(),
              std::back_inserter(all.recent_events));
    all.memory_in_flight_bytes += shard.in_flight_bytes;
    all.source_silent_ms = std::max(all.source_silent_ms, silence(shard.source_down_ms));
    all.target_silent_ms = std::max(all.target_silent_ms, silence(shard.target_down_ms));
    if (!all.load) all.load = shard.load;
    all.load->merge(shard.load);
    all.backpressure_total += shard.backpressure_total;
    for (const Priority priority : kPriorities) {
      all.priorities[index_of(priority)].add(shard.priorities[index_of(priority)]);
    }
    if (schema_gate_) {
      if (!all.gate) all.gate.emplace();
      all.gate->add(shard.gate);
    }
    merge(all.traces, shard.traces);
    if (shard.examples) all.examples.merge(*shard.examples);
    if (shard.source_trouble) all.source_trouble = shard.source_trouble;
    if (shard.target_trouble) all.target_trouble = shard.target_trouble;
  }
  for (const Priority priority : kPriorities) {
    all.priorities[index_of(priority)].throttle_bytes_per_second = budget_.rate(priority);
  }
  if (marks_) all.marks = marks_->status();
  if (schema_duty_) {
    if (auto status = schema_duty_->status(); status.has_duty) all.schemas = std::move(status);
  }
  all.clocks = clocks_.snapshot();
  learn(all.clocks, brokers, config_.clocks.source_max_error);
  if (all.schemas) {
    if (auto trouble = trouble_of(*all.schemas); !trouble.empty()) all.schema_trouble = trouble;
  }
  show(all, topics);
  for (auto& [name, topic] : topics) all.topics.push_back(std::move(topic));
  add_groups(all, groups);
  sum_up_bytes(all);
  add_connectors(all);
  add_slos(all, slos);
  std::stable_sort(all.recent_events.begin(), all.recent_events.end(),
                   [](const auto& a, const auto& b) { return a.event.at < b.event.at; });
  std::sort(all.partitions.begin(), all.partitions.end(),
            [](const auto& a, const auto& b) { return a.source < b.source; });
  show_why(all);
  return all;
}

// What the flow's own thread knows.
void Flow::show(FlowSnapshot& all, std::map<std::string, TopicSnapshot>& topics) const {
  const std::lock_guard lock(shown_mutex_);
  for (const auto& [number, taken_at] : shown_.slots) {
    all.slots.push_back({number, Owner{limits_.process, taken_at, all.at, std::nullopt}});
  }
  if (shown_.source_trouble) all.source_trouble = shown_.source_trouble;
  if (shown_.target_trouble) all.target_trouble = shown_.target_trouble;
  // A process without slots does not know whether others have them.
  all.running = is_alive() && !shown_.slots.empty();
  if (all.source_trouble) {
    // Where the source ends now is not known: what was known is no answer to "how late are we?".
    for (auto& p : all.partitions) {
      p.source_end.reset();
      p.offset_lag.reset();
      p.bytes_lag_estimate.reset();
      p.head_age_ms.reset();
      p.catch_up_ms.reset();
      p.waits.behind_ms.reset();
    }
  }
  for (const auto& [name, refused] : shown_.refused) {
    topics.try_emplace(name, refused).first->second.reason = refused.reason;
  }
  for (const auto& [name, warning] : shown_.warnings) {
    auto& topic =
        topics.try_emplace(name, TopicSnapshot{name, config_.naming.target_topic(name), {}, {}, {}})
            .first->second;
    if (topic.reason.empty()) topic.reason = warning;
  }
}

}  // namespace longspan
