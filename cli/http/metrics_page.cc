#include "cli/http/metrics_page.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "cli/http/export_samples.h"
#include "cli/http/trace_samples.h"
#include "cli/views/partition_state.h"
#include "lagcalc/why/cause_table.h"

namespace longspan {
namespace {

double number(std::int64_t value) { return static_cast<double>(value); }
double seconds(std::int64_t milliseconds) { return static_cast<double>(milliseconds) / 1000; }
double number(bool value) { return value ? 1 : 0; }

MetricSet::Labels with(MetricSet::Labels labels, std::string_view last) {
  labels.emplace_back(last);
  return labels;
}

using FlowTopic = std::pair<std::string, std::string>;

// Several partitions as one: sums of counts, the worst of the rest, absent when one is unknown.
struct PartitionSum {
  PartitionSnapshot sum;
  std::size_t partitions = 0;

  void add(const PartitionSnapshot& other) {
    if (partitions++ == 0) {
      sum = other;
      return;
    }
    sum.records_total += other.records_total;
    sum.bytes_total += other.bytes_total;
    sum.written_twice_total += other.written_twice_total;
    sum.records_in_flight += other.records_in_flight;
    sum.state = std::max(sum.state, other.state);
    join(sum.offset_lag, other.offset_lag, [](Records a, Records b) { return a + b; });
    join(sum.bytes_lag_estimate, other.bytes_lag_estimate, std::plus<>());
    const auto greater = [](std::int64_t a, std::int64_t b) { return std::max(a, b); };
    join(sum.head_age_ms, other.head_age_ms, greater);
    join(sum.catch_up_ms, other.catch_up_ms, greater);
    join(sum.waits.behind_ms, other.waits.behind_ms, greater);
  }

 private:
  template <class T, class F>
  static void join(std::optional<T>& into, const std::optional<T>& other, F both) {
    into = into && other ? std::optional<T>(both(*into, *other)) : std::nullopt;
  }
};

std::vector<Exemplar> examples_of(const TraceExamples& examples,
                                  const TraceExamples::Series& series) {
  const Exemplars* const found = examples.find(series);
  if (found == nullptr) return {};
  return {found->all().begin(), found->all().end()};
}

std::uint64_t negatives(const Histogram& histogram) {
  std::uint64_t sum = 0;
  for (const auto& bucket : histogram.negative()) sum += bucket.count;
  return sum;
}

// Of a topic that is not mirrored there is nothing to tell but the reason, which is not a number.
bool has_series(const TopicSnapshot& topic) {
  return topic.reason.empty() || topic.mirror_latency.count() > 0;
}

class Collector {
 public:
  Collector(const ProcessSnapshot& snapshot, SeriesLimits limits)
      : snapshot_(snapshot), limits_(limits) {}

  MetricSet collect(const ProcessFigures& figures) {
    choose_topics();
    process();
    process_figures(figures);
    for (const FlowSnapshot& flow : snapshot_.flows) {
      flow_state(flow);
      flow_counts(flow);
      clocks(flow);
      priorities(flow);
      topics(flow);
    }
    partitions();
    groups();
    return std::move(set_);
  }

 private:
  // The topics with series of their own.
  void choose_topics() {
    for (const FlowSnapshot& flow : snapshot_.flows) {
      for (const auto& topic : flow.topics) {
        if (has_series(topic)) own_topics_.insert({flow.flow, topic.source});
      }
      for (const auto& partition : flow.partitions) {
        own_topics_.insert({flow.flow, partition.source.topic});
      }
    }
    const std::size_t own = std::min(own_topics_.size(), limits_.topics_max);
    const auto beyond = std::next(own_topics_.begin(), static_cast<std::ptrdiff_t>(own));
    set_.add("longspan_metrics_overflow_topics", {},
             static_cast<double>(std::distance(beyond, own_topics_.end())));
    own_topics_.erase(beyond, own_topics_.end());
  }

  std::string topic_label(const std::string& flow, const std::string& topic) const {
    return own_topics_.contains({flow, topic}) ? topic : std::string(kOverflow);
  }

  void process() {
    if (!snapshot_.version.empty()) set_.add("longspan_build_info", {snapshot_.version}, 1);
    set_.add("longspan_ready", {}, number(snapshot_.ready));
    if (snapshot_.started_at.value > 0) {
      set_.add("longspan_process_start_time_seconds", {}, seconds(snapshot_.started_at.value));
    }
  }

  void process_figures(const ProcessFigures& figures) {
    add_export_samples(figures, set_);
    if (figures.cpu_seconds) {
      set_.add("longspan_process_cpu_seconds_total", {}, *figures.cpu_seconds);
    }
    if (figures.resident_bytes) {
      set_.add("longspan_process_resident_memory_bytes", {}, number(*figures.resident_bytes));
    }
    if (figures.at) {
      set_.add("longspan_metrics_page_timestamp_seconds", {}, seconds(figures.at->value));
    }
    if (figures.shards) set_.add("longspan_process_shards", {}, *figures.shards);
    if (!figures.log) return;
    const LogCounts& log = *figures.log;
    for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error}) {
      set_.add("longspan_log_lines_total", {std::string(name(level))},
               static_cast<double>(log.lines[static_cast<std::size_t>(level)]));
    }
    set_.add("longspan_log_lines_summarised_total", {}, static_cast<double>(log.summarised));
    set_.add("longspan_log_lines_dropped_total", {}, static_cast<double>(log.dropped));
  }

  void add_schemas(const std::string& flow, const SchemaStatus& status) {
    set_.add("longspan_schema_imported_versions_total", {flow}, number(status.imported_total));
    set_.add("longspan_schema_differences", {flow}, number(status.differences_total));
    set_.add("longspan_schema_trouble", {flow}, number(status.trouble.has_value()));
    if (!status.synced_at) return;
    set_.add("longspan_schema_synced_timestamp_seconds", {flow}, seconds(status.synced_at->value));
  }

  void add_gate(const std::string& flow, const GateSnapshot& gate) {
    set_.add("longspan_schema_gate_waiting_partitions", {flow}, number(gate.waiting));
    set_.add("longspan_schema_gate_holds_total", {flow}, number(gate.holds_total));
    set_.add("longspan_schema_gate_unknown_records_total", {flow}, number(gate.unknown_total));
  }

  void flow_state(const FlowSnapshot& flow) {
    const std::string& f = flow.flow;
    set_.add("longspan_flow_running", {f}, number(flow.running));
    set_.add("longspan_flow_trouble", {f, "source"}, number(flow.source_trouble.has_value()));
    set_.add("longspan_flow_trouble", {f, "target"}, number(flow.target_trouble.has_value()));
    const auto owned = std::count_if(flow.slots.begin(), flow.slots.end(), [](const auto& slot) {
      return slot.owner && !slot.owner->released_at;
    });
    set_.add("longspan_flow_slots", {f}, static_cast<double>(flow.slots.size()));
    set_.add("longspan_flow_owned_slots", {f}, number(owned));
    const auto not_mirrored =
        std::count_if(flow.topics.begin(), flow.topics.end(),
                      [](const TopicSnapshot& topic) { return !topic.reason.empty(); });
    set_.add("longspan_flow_not_mirrored_topics", {f}, number(not_mirrored));
    set_.add("longspan_flow_in_flight_bytes", {f}, number(flow.memory_in_flight_bytes));
    set_.add("longspan_flow_backpressure_total", {f}, number(flow.backpressure_total));
    if (flow.schemas) add_schemas(f, *flow.schemas);
    if (flow.gate) add_gate(f, *flow.gate);
    if (flow.marks) {
      set_.add("longspan_marks_written_bytes_total", {f}, number(flow.marks->bytes_total));
      set_.add("longspan_marks_dropped_total", {f}, number(flow.marks->dropped_total));
    }
    if (flow.traces) add_trace_samples(f, *flow.traces, set_);
    why(flow);
    for (const auto& row : kEventTable) {
      const auto count = flow.events_total.find(row.kind);
      set_.add("longspan_events_total", {f, std::string(row.name)},
               count == flow.events_total.end() ? 0 : number(count->second));
    }
  }

  // Of a cause whose facts are not known there is no series.
  void why(const FlowSnapshot& flow) {
    for (const CauseRow& row : kCauseTable) {
      if (!flow.why) break;
      const auto& unknown = flow.why->unknown;
      if (std::find(unknown.begin(), unknown.end(), row.cause) != unknown.end()) continue;
      int severity = 0;
      for (const Diagnosis& each : flow.why->found) {
        if (each.cause == row.cause) severity = std::max(severity, static_cast<int>(each.severity));
      }
      set_.add("longspan_cause", {flow.flow, std::string(row.name)}, severity);
    }
    if (!flow.load) return;
    LoadSnapshot load = *flow.load;
    for (const LoadRatio& ratio : kLoadRatios) {
      const auto& value = ratio.of(load);
      if (value) set_.add("longspan_flow_load_ratio", {flow.flow, std::string(ratio.name)}, *value);
    }
  }

  void clocks(const FlowSnapshot& flow) {
    for (const ClockSnapshot& clock : flow.clocks) {
      const MetricSet::Labels labels{flow.flow, clock.clock};
      const auto bound = [&](std::string_view name, const std::optional<DurationUs>& offset) {
        if (!offset) return;
        set_.add("longspan_clock_offset_seconds", with(labels, name),
                 static_cast<double>(offset->value) / 1e6);
      };
      bound("low", clock.offset.low);
      bound("point", clock.offset.point);
      bound("high", clock.offset.high);
      set_.add("longspan_clock_offset_assumed", labels, number(clock.offset.assumed));
      set_.add("longspan_clock_steps_total", labels, number(clock.steps_total));
      set_.add("longspan_clock_probe_failures_total", labels, number(clock.failures_total));
    }
  }

  void flow_counts(const FlowSnapshot& flow) {
    const std::string& f = flow.flow;
    const auto count = [&](auto matches) {
      return number(std::count_if(flow.partitions.begin(), flow.partitions.end(), matches));
    };
    for (const PartitionState state : kPartitionStates) {
      set_.add("longspan_flow_partitions", {f, std::string(state_name(state))},
               count([&](const auto& partition) { return partition.state == state; }));
    }
    set_.add("longspan_flow_lag_unknown_partitions", {f},
             number(flow.lost_partitions.value_or(0)) +
                 count([](const auto& partition) { return !partition.offset_lag; }));
    set_.add("longspan_flow_head_age_unknown_partitions", {f},
             number(flow.lost_partitions.value_or(0)) +
                 count([](const auto& partition) { return !partition.head_age_ms; }));
  }

  void priorities(const FlowSnapshot& flow) {
    for (const Priority priority : kPriorities) {
      const PrioritySnapshot& p = flow.priorities[index_of(priority)];
      const MetricSet::Labels labels{flow.flow, std::string(name(priority))};
      set_.add("longspan_priority_read_bytes_total", labels, number(p.bytes_read_total));
      set_.add("longspan_priority_throttled_seconds_total", labels, seconds(p.throttled_total_ms));
      set_.add("longspan_priority_yielded_seconds_total", labels, seconds(p.yielded_total_ms));
      set_.add("longspan_priority_in_flight_bytes", labels, number(p.in_flight_bytes));
      set_.add("longspan_priority_window_bytes", labels, number(p.in_flight_bytes_max));
      if (!p.throttle_bytes_per_second) continue;
      set_.add("longspan_priority_throttle_bytes", labels, *p.throttle_bytes_per_second);
    }
  }

  void topics(const FlowSnapshot& flow) {
    struct Sum {
      Histogram latency;
      Histogram residence;
      std::int64_t refused = 0;
      TopicHops hops;
    };
    std::map<std::string, Sum> by_label;
    for (const TopicSnapshot& topic : flow.topics) {
      if (!has_series(topic)) continue;
      auto& [latency, residence, refused, hops] = by_label[topic_label(flow.flow, topic.source)];
      latency.merge(topic.mirror_latency);
      residence.merge(topic.residence);
      refused += topic.refused_total;
      if (topic.hops) hops.merge(*topic.hops);
    }
    for (const auto& [topic, sum] : by_label) {
      const MetricSet::Labels labels{flow.flow, topic};
      set_.add("longspan_mirror_latency_seconds", labels, sum.latency);
      set_.add("longspan_residence_seconds", labels, sum.residence);
      set_.add("longspan_negative_latency_records_total", labels,
               static_cast<double>(negatives(sum.latency)));
      set_.add("longspan_refused_records_total", labels, number(sum.refused));
      hops(labels, sum.hops, flow.examples);
    }
  }

  // Of hops and reasons that were never seen there is no series.
  void hops(const MetricSet::Labels& topic, const TopicHops& sum, const TraceExamples& examples) {
    if (sum.sampled_total == 0) return;
    set_.add("longspan_sampled_records_total", topic, static_cast<double>(sum.sampled_total));
    for (const Hop& hop : kHops) {
      const HopLatency& took = sum.of(hop);
      if (took.point.count() == 0) continue;
      const MetricSet::Labels labels = with(topic, hop.name);
      set_.add("longspan_hop_latency_seconds", labels, took.point,
               examples_of(examples, {topic.back(), "", hop.name}));
      set_.add("longspan_negative_hop_records_total", labels,
               static_cast<double>(took.tally.negative));
      if (!hop.is_within) continue;
      set_.add("longspan_hop_latency_low_seconds", labels, took.low);
      set_.add("longspan_hop_latency_high_seconds", labels, took.high);
    }
    for (const NoCommit why : kNoCommits) {
      const auto count = sum.without_commit[static_cast<std::size_t>(why)];
      if (count == 0) continue;
      set_.add("longspan_commit_unknown_records_total", with(topic, name(why)),
               static_cast<double>(count));
    }
  }

  void partitions() {
    using Key = std::pair<std::string, TopicPartition>;
    std::map<Key, const PartitionSnapshot*> all;
    for (const FlowSnapshot& flow : snapshot_.flows) {
      for (const auto& partition : flow.partitions) all[{flow.flow, partition.source}] = &partition;
    }
    std::map<FlowTopic, PartitionSum> rest;
    std::size_t own = 0;
    std::size_t overflow = 0;
    for (const auto& [key, partition] : all) {
      const auto& [flow, source] = key;
      const std::string topic = topic_label(flow, source.topic);
      if (topic != kOverflow && own < limits_.partitions_max) {
        ++own;
        const MetricSet::Labels labels{flow, topic, std::to_string(source.partition)};
        partition_counts(labels, *partition);
        partition_places(labels, *partition);
      } else {
        ++overflow;
        rest[{flow, topic}].add(*partition);
      }
    }
    for (const auto& [key, sum] : rest) {
      partition_counts({key.first, key.second, std::string(kOverflow)}, sum.sum);
    }
    set_.add("longspan_metrics_overflow_partitions", {}, static_cast<double>(overflow));
  }

  void partition_counts(const MetricSet::Labels& labels, const PartitionSnapshot& p) {
    set_.add("longspan_mirrored_records_total", labels, number(p.records_total));
    set_.add("longspan_mirrored_bytes_total", labels, number(p.bytes_total));
    set_.add("longspan_written_twice_records_total", labels, number(p.written_twice_total));
    set_.add("longspan_partition_in_flight_records", labels, number(p.records_in_flight));
    set_.add("longspan_partition_state", labels, static_cast<double>(p.state));
    if (p.offset_lag) {
      set_.add("longspan_partition_offset_lag_records", labels, number(p.offset_lag->count));
    }
    if (p.bytes_lag_estimate) {
      set_.add("longspan_partition_lag_estimate_bytes", labels, number(*p.bytes_lag_estimate));
    }
    if (p.head_age_ms) {
      set_.add("longspan_partition_head_age_seconds", labels, seconds(*p.head_age_ms));
    }
    if (p.waits.behind_ms) {
      set_.add("longspan_partition_behind_seconds", labels, seconds(*p.waits.behind_ms));
    }
    if (p.catch_up_ms) {
      set_.add("longspan_partition_catch_up_seconds", labels, seconds(*p.catch_up_ms));
    }
  }

  // What cannot be summed up over partitions.
  void partition_places(const MetricSet::Labels& labels, const PartitionSnapshot& p) {
    set_.add("longspan_partition_mirrored_offset", labels, number(p.next_source.value));
    if (p.source_end) {
      set_.add("longspan_partition_source_end_offset", labels, number(p.source_end->value));
    }
    if (p.last_timestamp) {
      set_.add("longspan_partition_newest_timestamp_seconds", labels,
               seconds(p.last_timestamp->value));
    }
    if (p.position_written_at) {
      set_.add("longspan_partition_position_time_seconds", labels,
               seconds(p.position_written_at->value));
    }
  }

  // Those beyond the limit have no series: what several groups lag makes no sum.
  void groups() {
    std::vector<std::pair<const FlowSnapshot*, const GroupSnapshot*>> all;
    for (const FlowSnapshot& flow : snapshot_.flows) {
      for (const GroupSnapshot& group : flow.groups) all.emplace_back(&flow, &group);
    }
    const std::size_t own = std::min(all.size(), limits_.groups_max);
    std::size_t overflow = all.size() - own;
    for (std::size_t i = 0; i < own; ++i) {
      const auto& [flow, group] = all[i];
      const std::string topic = topic_label(flow->flow, group->topic);
      if (topic == kOverflow) {
        ++overflow;
      } else {
        this->group({flow->flow, group->group, topic}, *group, flow->examples);
      }
    }
    set_.add("longspan_metrics_overflow_groups", {}, static_cast<double>(overflow));
    for (const FlowSnapshot& flow : snapshot_.flows) {
      for (const SloStatus& slo : flow.slos) this->slo(flow.flow, slo);
      for (const auto& connector : flow.connectors) this->connector(flow.flow, connector);
    }
  }

  void connector(const std::string& flow, const ConnectorSnapshot& connector) {
    const MetricSet::Labels labels{flow, connector.prefix};
    constexpr double kUs = 1e6;
    if (connector.liveness == Liveness::alive || connector.liveness == Liveness::dead) {
      set_.add("longspan_connector_up", labels, number(connector.liveness == Liveness::alive));
    }
    if (connector.heartbeat_at) {
      set_.add("longspan_connector_heartbeat_timestamp_seconds", labels,
               seconds(connector.heartbeat_at->value));
    }
    if (connector.newest_commit) {
      set_.add("longspan_connector_newest_commit_timestamp_seconds", labels,
               number(connector.newest_commit->value) / kUs);
    }
    if (connector.heartbeat_commit) {
      set_.add("longspan_connector_heartbeat_commit_timestamp_seconds", labels,
               number(connector.heartbeat_commit->value) / kUs);
    }
  }

  void slo(const std::string& flow, const SloStatus& slo) {
    const auto add = [&](std::string_view verdict, std::uint64_t count) {
      set_.add("longspan_slo_records_total", {flow, slo.objective, slo.group, std::string(verdict)},
               static_cast<double>(count));
    };
    add("good", slo.total.good);
    add("bad", slo.total.bad);
    add("undecided", slo.total.undecided);
    add("unmeasured", slo.unmeasured);
    set_.add("longspan_slo_objective_ratio", {flow, slo.objective, slo.group}, slo.slo.objective);
  }

  void group(const MetricSet::Labels& labels, const GroupSnapshot& group,
             const TraceExamples& examples) {
    const auto of_side = with(labels, std::string(name(group.side)));
    if (const auto lag = group.known_lag()) {
      set_.add("longspan_group_offset_lag_records", of_side, number(lag->count));
    }
    set_.add("longspan_group_lag_unknown_partitions", of_side, number(group.unknown_lags));
    constexpr double kUs = 1e6;
    if (group.waits_us) {
      set_.add("longspan_group_head_age_seconds", with(of_side, "low"),
               number(*group.waits_us) / kUs);
    }
    if (group.head_age) {
      set_.add("longspan_group_head_age_seconds", with(of_side, "high"),
               number(group.head_age->high_us) / kUs);
    }
    if (group.catch_up_ms) {
      set_.add("longspan_group_catch_up_seconds", of_side, seconds(*group.catch_up_ms));
    }
    const GroupLatency& took = group.latency;
    if (took.append_to_sink_commit.point.count() > 0) {
      set_.add("longspan_sink_commit_latency_seconds", labels, took.append_to_sink_commit.point,
               examples_of(examples, {group.topic, group.group, TraceExamples::kSinkCommit}));
    }
    if (took.end_to_end.point.count() == 0) return;
    set_.add("longspan_end_to_end_latency_seconds", labels, took.end_to_end.point,
             examples_of(examples, {group.topic, group.group, TraceExamples::kEndToEnd}));
    set_.add("longspan_end_to_end_latency_low_seconds", labels, took.end_to_end.low);
    set_.add("longspan_end_to_end_latency_high_seconds", labels, took.end_to_end.high);
  }

  const ProcessSnapshot& snapshot_;
  SeriesLimits limits_;
  MetricSet set_;
  std::set<FlowTopic> own_topics_;
};

}  // namespace

MetricSet collect(const ProcessSnapshot& snapshot, const ProcessFigures& figures,
                  SeriesLimits limits) {
  return Collector(snapshot, limits).collect(figures);
}

}  // namespace longspan
