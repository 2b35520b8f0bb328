// tracing/metric_table.h - every metric of longspan, in one table.
//
// From it come /metrics (tracing/metric_set.h), dashboards/METRICS.md and `longspan metrics`
// (tracing/metric_doc.h). A value that is not known is an absent series, and a metric beside it
// counts the partitions of which it is not known; it is never 0 or -1.
//
// Units:   the last word of the name before _total, in base units.
// Errors:  a row that breaks the naming rules does not compile.
// Threads: constant.
// Source:  Prometheus, "Metric and label naming".
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace longspan {

enum class MetricKind : std::uint8_t { counter, gauge, histogram };
// What a series stands for: there is one set of `series` of them for each of these. A group counts
// once for each topic that it has positions in.
enum class Per : std::uint8_t { process, flow, topic, partition, group };
// An internal metric explains longspan itself and stands on no dashboard.
enum class Shown : std::uint8_t { charted, internal };

struct Metric {
  std::string_view name;
  MetricKind kind;
  std::string_view labels;  // comma separated, in the order of the values given to MetricSet
  std::string_view unit;    // empty: a count of events, a state or a place
  Per per;
  int series;  // at most, for each `per`; a histogram's buckets, sum and count included
  Shown shown;
  std::string_view help;  // one sentence, no full stop
};

// Upper bounds of the classic buckets of every histogram.
inline constexpr auto kLatencyBoundsSeconds = std::to_array<double>(
    {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600});
inline constexpr int kHistogramSeries = static_cast<int>(kLatencyBoundsSeconds.size()) + 3;

inline constexpr auto kMetrics = [] {
  using enum MetricKind;
  using enum Shown;
  constexpr int kBuckets = kHistogramSeries;
  return std::to_array<Metric>({
      {"longspan_build_info", gauge, "version", "", Per::process, 1, internal,
       "Always 1; the label is the version"},
      {"longspan_ready", gauge, "", "", Per::process, 1, charted,
       "1 when every flow holds its slots or knows that others do, else 0"},
      {"longspan_process_start_time_seconds", gauge, "", "seconds", Per::process, 1, charted,
       "When the process started, since 1970"},
      {"longspan_metrics_page_timestamp_seconds", gauge, "", "seconds", Per::process, 1, internal,
       "When this page was made, since 1970: one that is large is made ahead of its scrape"},
      {"longspan_process_cpu_seconds_total", counter, "", "seconds", Per::process, 1, charted,
       "User and system CPU time of the process"},
      {"longspan_process_resident_memory_bytes", gauge, "", "bytes", Per::process, 1, charted,
       "Resident memory of the process"},
      {"longspan_process_shards", gauge, "", "", Per::process, 1, internal, "Threads that mirror"},
      {"longspan_log_lines_total", counter, "level", "", Per::process, 4, internal,
       "Log lines printed, by level"},
      {"longspan_log_lines_summarised_total", counter, "", "", Per::process, 1, internal,
       "Log events counted into a repeated=N instead of being printed"},
      {"longspan_log_lines_dropped_total", counter, "", "", Per::process, 1, internal,
       "Log lines not printed because there were too many"},
      {"longspan_exported_spans_total", counter, "", "spans", Per::process, 1, internal,
       "Spans that a collector has accepted (see trace.exporter)"},
      {"longspan_dropped_spans_total", counter, "reason", "spans", Per::process, 5, internal,
       "Spans that were not delivered, by the reason: full (the queue was), refused (by the "
       "collector), tried (its attempts were spent), rejected (of an accepted request), large"},
      {"longspan_export_queue_spans", gauge, "", "spans", Per::process, 1, internal,
       "Spans that wait to be sent"},
      {"longspan_exported_metric_points_total", counter, "", "points", Per::process, 1, internal,
       "Data points that a collector has accepted (see metrics.exporter)"},
      {"longspan_rejected_metric_points_total", counter, "", "points", Per::process, 1, internal,
       "Data points that were rejected of an accepted request, or that are too large for one"},
      {"longspan_pathway_buckets_total", counter, "outcome", "", Per::process, 4, internal,
       "Ten seconds of checkpoints of a thread, by what became of them: sent (see "
       "trace.pathway.agent), full (too many waited), refused (by the agent), tried (their "
       "attempts were spent)"},
      {"longspan_export_requests_total", counter, "signal", "", Per::process, 3, internal,
       "Requests to collectors, answered or not, by what was sent: traces, metrics, pathways"},
      {"longspan_export_failures_total", counter, "signal", "", Per::process, 3, internal,
       "Those of them that were not accepted"},
      {"longspan_metrics_overflow_partitions", gauge, "", "partitions", Per::process, 1, internal,
       "Partitions without series of their own, because there are too many: they are summed up "
       "under partition=\"(overflow)\""},
      {"longspan_metrics_overflow_topics", gauge, "", "topics", Per::process, 1, internal,
       "Topics without series of their own, because there are too many: they are summed up under "
       "topic=\"(overflow)\""},
      {"longspan_metrics_overflow_groups", gauge, "", "groups", Per::process, 1, internal,
       "Groups and topics without series, because there are too many"},

      {"longspan_flow_running", gauge, "flow", "", Per::flow, 1, charted,
       "1 when some process owns slots of the flow, else 0"},
      {"longspan_flow_trouble", gauge, "flow,side", "", Per::flow, 2, charted,
       "1 when this side (source or target) cannot be reached or used, else 0"},
      {"longspan_flow_slots", gauge, "flow", "slots", Per::flow, 1, charted,
       "Slots of the flow known to this process"},
      {"longspan_flow_owned_slots", gauge, "flow", "slots", Per::flow, 1, charted,
       "Those of them that have an owner"},
      {"longspan_flow_partitions", gauge, "flow,state", "partitions", Per::flow, 3, charted,
       "Partitions by state: active, paused (by command), parked (cannot go on; see longspan lag)"},
      {"longspan_flow_lag_unknown_partitions", gauge, "flow", "partitions", Per::flow, 1, charted,
       "Partitions whose offset lag is not known and therefore has no series, with those of slots "
       "that were lost to nobody that is known"},
      {"longspan_flow_head_age_unknown_partitions", gauge, "flow", "partitions", Per::flow, 1,
       charted,
       "Partitions whose head age is not known and therefore has no series, with those of slots "
       "that were lost to nobody that is known"},
      {"longspan_flow_not_mirrored_topics", gauge, "flow", "topics", Per::flow, 1, charted,
       "Topics that match the filters and of which nothing is mirrored (see longspan lag)"},
      {"longspan_flow_in_flight_bytes", gauge, "flow", "bytes", Per::flow, 1, charted,
       "Bytes fetched and not yet acknowledged by the target"},
      {"longspan_flow_backpressure_total", counter, "flow", "", Per::flow, 1, charted,
       "Times reading stopped because too much was in flight"},
      {"longspan_cause", gauge, "flow,cause", "", Per::flow, 30, charted,
       "Why the flow is late, by cause: 0 not found, 1 info, 2 warning, 3 critical (see longspan "
       "causes); absent where its facts are not known"},
      {"longspan_flow_load_ratio", gauge, "flow,of", "", Per::flow, 7, charted,
       "Part of the last seconds that the busiest shard or client spends so: shard_cpu, "
       "source_wait, target_wait, source_client_cpu, target_client_cpu, source_throttle, "
       "target_throttle"},
      {"longspan_schema_imported_versions_total", counter, "flow", "versions", Per::flow, 1,
       charted, "Schema versions imported into the target's registry by this process"},
      {"longspan_schema_differences", gauge, "flow", "", Per::flow, 1, charted,
       "Differences between the schema registries that no sync can end (see longspan schemas "
       "diff)"},
      {"longspan_schema_trouble", gauge, "flow", "", Per::flow, 1, charted,
       "1 while a schema registry does not answer as it should, else 0"},
      {"longspan_schema_synced_timestamp_seconds", gauge, "flow", "seconds", Per::flow, 1, charted,
       "When the schema registries were last compared as a whole and made equal, since 1970"},
      {"longspan_schema_gate_waiting_partitions", gauge, "flow", "", Per::flow, 1, charted,
       "Partitions that wait for a schema that the target's registry does not have yet"},
      {"longspan_schema_gate_holds_total", counter, "flow", "", Per::flow, 1, charted,
       "Times a partition began to wait for a schema, also for one that was only asked for"},
      {"longspan_schema_gate_unknown_records_total", counter, "flow", "records", Per::flow, 1,
       charted, "Records that went on although the target's registry did not know their schema"},
      {"longspan_priority_read_bytes_total", counter, "flow,priority", "bytes", Per::flow, 2,
       charted, "Keys and values read from the source, by the topics' priority (high or normal)"},
      {"longspan_priority_throttled_seconds_total", counter, "flow,priority", "seconds", Per::flow,
       2, charted, "Time a throttle kept topics of this priority from being read, of all shards"},
      {"longspan_priority_yielded_seconds_total", counter, "flow,priority", "seconds", Per::flow, 2,
       charted, "The same, because records of high priority were there to be read"},
      {"longspan_priority_throttle_bytes", gauge, "flow,priority", "bytes", Per::flow, 2, charted,
       "Bytes a second that this process may read; absent where nothing bounds it"},
      {"longspan_priority_in_flight_bytes", gauge, "flow,priority", "bytes", Per::flow, 2, internal,
       "Bytes on their way to the target, with what each record costs beside"},
      {"longspan_priority_window_bytes", gauge, "flow,priority", "bytes", Per::flow, 2, charted,
       "The bound on that: less where acknowledgements take much longer than at best"},
      {"longspan_marks_written_bytes_total", counter, "flow", "bytes", Per::flow, 1, internal,
       "Bytes of history that this process wrote (see marks.interval.ms), before compression"},
      {"longspan_marks_dropped_total", counter, "flow", "", Per::flow, 1, charted,
       "Times the history could not be written: lag --at and --since know less of them"},
      {"longspan_trace_contexts_total", counter, "flow,format", "", Per::flow, 6, internal,
       "Trace contexts in headers of records, by format, or in the row (see "
       "trace.reparent.topics)"},
      {"longspan_trace_faults_total", counter, "flow,reason", "", Per::flow, 14, internal,
       "Trace contexts that are broken, by the first thing that is wrong: in headers, or the "
       "row's"},
      {"longspan_trace_disagreements_total", counter, "flow,of", "", Per::flow, 3, internal,
       "Records whose headers' formats disagree about the trace, the span or the decision"},
      {"longspan_trace_rewritten_records_total", counter, "flow,how", "records", Per::flow, 2,
       internal,
       "Records whose copy names our span: continued (a trace that was there) or begun (a new "
       "one)"},
      {"longspan_trace_broken_records_total", counter, "flow", "records", Per::flow, 1, internal,
       "Records that went on with their trace headers as they were, for something in them is "
       "broken"},
      {"longspan_trace_recorded_records_total", counter, "flow,reason", "records", Per::flow, 3,
       internal,
       "Records that got spans: sampled (decided before), slow (of the slowest of a minute) or "
       "failed (had an error)"},
      {"longspan_trace_dropped_records_total", counter, "flow,reason", "records", Per::flow, 3,
       internal,
       "Records without spans that were to have some: limit (a second's), full (too many on their "
       "way), sink (no span to a group's commit)"},
      {"longspan_trace_batches_total", counter, "flow", "", Per::flow, 1, internal,
       "Spans of batches in which records with spans came; they are in longspan_trace_spans_total"},
      {"longspan_trace_spans_total", counter, "flow", "spans", Per::flow, 1, internal,
       "Spans of records' hops that were made (see longspan_exported_spans_total)"},
      {"longspan_pathway_checkpoints_total", counter, "flow", "", Per::flow, 1, internal,
       "Checkpoints of Data Streams pathways: a record in, and out where its topic is reparented "
       "(see trace.pathway.agent)"},
      {"longspan_pathway_faults_total", counter, "flow,reason", "", Per::flow, 3, internal,
       "What pathways do not tell truly: broken (a record's header, it is no checkpoint), negative "
       "(a latency below 0 between two clocks, told as 0), full (checkpoints of too many ways)"},
      {"longspan_events_total", counter, "flow,kind", "", Per::flow, 43, charted,
       "Events by kind as this process noticed them since it started (see longspan events)"},
      {"longspan_clock_offset_seconds", gauge, "flow,clock,bound", "seconds", Per::flow, 600,
       charted,
       "How far a clock is ahead of this process's (host: of UTC), by bound: low, point, high; "
       "absent where nothing bounds it"},
      {"longspan_clock_offset_assumed", gauge, "flow,clock", "", Per::flow, 200, charted,
       "1 where a bound is what clock.*.max.error.ms assumes, 0 where both are measured"},
      {"longspan_clock_steps_total", counter, "flow,clock", "", Per::flow, 200, charted,
       "Times a clock was set, as this process noticed"},
      {"longspan_clock_probe_failures_total", counter, "flow,clock", "", Per::flow, 200, charted,
       "Times a clock was asked and did not tell"},

      {"longspan_mirror_latency_seconds", histogram, "flow,topic", "seconds", Per::topic, kBuckets,
       charted, "From the record's timestamp to the target's acknowledgement"},
      {"longspan_residence_seconds", histogram, "flow,topic", "seconds", Per::topic, kBuckets,
       charted, "From fetched to acknowledged: the time inside longspan and the target"},
      {"longspan_hop_latency_seconds", histogram, "flow,topic,hop", "seconds", Per::topic,
       7 * kBuckets, charted,
       "Time between two waypoints of a record, by sampled records; clocks differ, so it may be "
       "negative"},
      {"longspan_hop_latency_low_seconds", histogram, "flow,topic,hop", "seconds", Per::topic,
       kBuckets, charted, "The least that it can have been, by what is known of the clocks"},
      {"longspan_hop_latency_high_seconds", histogram, "flow,topic,hop", "seconds", Per::topic,
       kBuckets, charted, "The most that it can have been"},
      {"longspan_negative_hop_records_total", counter, "flow,topic,hop", "records", Per::topic, 7,
       charted, "Sampled records whose hop was below zero: clocks differ by more than the hop"},
      {"longspan_sampled_records_total", counter, "flow,topic", "records", Per::topic, 1, internal,
       "Records whose way was followed (see latency.samples.per.second)"},
      {"longspan_commit_unknown_records_total", counter, "flow,topic,reason", "records", Per::topic,
       10, charted, "Sampled records that tell no commit time, by the reason"},
      {"longspan_negative_latency_records_total", counter, "flow,topic", "records", Per::topic, 1,
       charted, "Records acknowledged before their own timestamp: a clock is wrong"},
      {"longspan_refused_records_total", counter, "flow,topic", "records", Per::topic, 1, charted,
       "Records that the target refused and that were left out (see on.record.refused)"},

      {"longspan_mirrored_records_total", counter, "flow,topic,partition", "records",
       Per::partition, 1, charted, "Records acknowledged by the target since the process started"},
      {"longspan_mirrored_bytes_total", counter, "flow,topic,partition", "bytes", Per::partition, 1,
       charted, "Their keys, values and headers"},
      {"longspan_written_twice_records_total", counter, "flow,topic,partition", "records",
       Per::partition, 1, charted, "Second copies found on the target"},
      {"longspan_partition_offset_lag_records", gauge, "flow,topic,partition", "records",
       Per::partition, 1, charted, "End of the source's readable log minus mirrored offset"},
      {"longspan_partition_lag_estimate_bytes", gauge, "flow,topic,partition", "bytes",
       Per::partition, 1, internal,
       "That lag times the mean size of records mirrored lately; absent while none were"},
      {"longspan_partition_head_age_seconds", gauge, "flow,topic,partition", "seconds",
       Per::partition, 1, charted, "Age of the oldest record not yet mirrored; 0 when caught up"},
      {"longspan_partition_catch_up_seconds", gauge, "flow,topic,partition", "seconds",
       Per::partition, 1, charted,
       "Time until caught up at the present rates; absent when it never will or is not known"},
      {"longspan_partition_behind_seconds", gauge, "flow,topic,partition", "seconds",
       Per::partition, 1, charted,
       "Time since the source's end was where the mirror is now, at least, by this process's clock "
       "alone; 0 when caught up"},
      {"longspan_partition_source_end_offset", gauge, "flow,topic,partition", "", Per::partition, 1,
       internal, "End of the source's readable log (last stable offset, exclusive)"},
      {"longspan_partition_mirrored_offset", gauge, "flow,topic,partition", "", Per::partition, 1,
       internal, "Source offset up to which everything is mirrored, exclusive"},
      {"longspan_partition_in_flight_records", gauge, "flow,topic,partition", "records",
       Per::partition, 1, internal, "Records fetched and not yet acknowledged by the target"},
      {"longspan_partition_state", gauge, "flow,topic,partition", "", Per::partition, 1, charted,
       "0 active, 1 paused by command, 2 parked"},
      {"longspan_partition_newest_timestamp_seconds", gauge, "flow,topic,partition", "seconds",
       Per::partition, 1, internal, "Timestamp of the newest mirrored record, since 1970"},
      {"longspan_partition_position_time_seconds", gauge, "flow,topic,partition", "seconds",
       Per::partition, 1, internal,
       "When the position was last written to the state topic, since 1970"},

      {"longspan_group_offset_lag_records", gauge, "flow,group,topic,side", "records", Per::group,
       1, charted,
       "Records on its side that the group has not committed, of partitions where known"},
      {"longspan_group_lag_unknown_partitions", gauge, "flow,group,topic,side", "partitions",
       Per::group, 1, charted, "Partitions in which the group's lag is not known"},
      {"longspan_group_head_age_seconds", gauge, "flow,group,topic,side,bound", "seconds",
       Per::group, 2, charted,
       "Age of the oldest record it has not committed: at least (low), at most (high)"},
      {"longspan_group_catch_up_seconds", gauge, "flow,group,topic,side", "seconds", Per::group, 1,
       charted, "Time until the group's lag is gone at the present rates"},
      {"longspan_end_to_end_latency_seconds", histogram, "flow,group,topic", "seconds", Per::group,
       kBuckets, charted, "From the database's WAL commit to the group's commit behind the record"},
      {"longspan_end_to_end_latency_low_seconds", histogram, "flow,group,topic", "seconds",
       Per::group, kBuckets, charted,
       "The least that it can have been: processed as soon as it was appended"},
      {"longspan_end_to_end_latency_high_seconds", histogram, "flow,group,topic", "seconds",
       Per::group, kBuckets, charted, "The most that it can have been: processed at the commit"},
      {"longspan_sink_commit_latency_seconds", histogram, "flow,group,topic", "seconds", Per::group,
       kBuckets, charted, "From the append on the target to the group's commit behind the record"},
      {"longspan_connector_up", gauge, "flow,connector", "", Per::group, 1, charted,
       "1 while the connector writes heartbeats, 0 when none came for two intervals; a late one, "
       "or "
       "one that is not known, has no series"},
      {"longspan_connector_heartbeat_timestamp_seconds", gauge, "flow,connector", "seconds",
       Per::group, 1, charted, "When the connector wrote its newest heartbeat, since 1970"},
      {"longspan_connector_newest_commit_timestamp_seconds", gauge, "flow,connector", "seconds",
       Per::group, 1, charted,
       "Commit time of the newest change of any of the connector's topics, since 1970"},
      {"longspan_connector_heartbeat_commit_timestamp_seconds", gauge, "flow,connector", "seconds",
       Per::group, 1, internal,
       "Commit time of the newest change of its heartbeat tables (see connector.heartbeat.tables)"},
      {"longspan_slo_records_total", counter, "flow,objective,group,verdict", "records", Per::group,
       4, charted,
       "Sampled records by what their latency was for the objective: good, bad, undecided where "
       "the target lies between its bounds, or unmeasured where they tell no commit time; group "
       "is empty up to the target"},
      {"longspan_slo_objective_ratio", gauge, "flow,objective,group", "", Per::group, 1, charted,
       "Part of the records that the objective wants to be good: 0.99 of p99"},
  });
}();

namespace detail {

constexpr bool is_word(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  return plain && !text.empty() && text.front() >= 'a' && text.back() != '_' &&
         text.find("__") == std::string_view::npos;
}

// Whether `word` is one of the words of a name in snake_case.
constexpr bool has_word(std::string_view name, std::string_view word) {
  for (std::size_t at = name.find(word); at != std::string_view::npos;
       at = name.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || name[at - 1] == '_') && (end == name.size() || name[end] == '_')) return true;
  }
  return false;
}

constexpr bool base_units(std::string_view name) {
  constexpr auto kOthers = std::to_array<std::string_view>(
      {"ms",  "millis",      "milliseconds", "us",        "micros",    "microseconds",
       "ns",  "nanoseconds", "minutes",      "hours",     "days",      "kb",
       "mb",  "gb",          "kilobytes",    "megabytes", "gigabytes", "kib",
       "mib", "gib",         "percent",      "bucket",    "count",     "sum"});
  return std::none_of(kOthers.begin(), kOthers.end(),
                      [&](std::string_view word) { return has_word(name, word); });
}

constexpr bool ends_in_unit(const Metric& metric) {
  std::string_view name = metric.name;
  if (name.ends_with("_total")) name.remove_suffix(6);
  const std::size_t last = name.rfind('_');
  return metric.unit.empty() || name.substr(last + 1) == metric.unit;
}

constexpr bool labels_well_formed(std::string_view labels) {
  while (!labels.empty()) {
    const std::size_t comma = std::min(labels.find(','), labels.size());
    const std::string_view label = labels.substr(0, comma);
    if (!is_word(label) || label == "le" || label == "quantile") return false;
    if (comma + 1 == labels.size()) return false;  // ends in a comma
    labels.remove_prefix(std::min(comma + 1, labels.size()));
  }
  return true;
}

constexpr bool well_named(const Metric& metric) {
  const bool total = metric.name.ends_with("_total");
  const bool histogram = metric.kind == MetricKind::histogram;
  return metric.name.starts_with("longspan_") && is_word(metric.name) &&
         total == (metric.kind == MetricKind::counter) && base_units(metric.name) &&
         ends_in_unit(metric) && (!histogram || metric.unit == "seconds") &&
         labels_well_formed(metric.labels) && metric.series > 0 && !metric.help.empty() &&
         !metric.help.ends_with('.') &&
         metric.help.find_first_of("|\n") == std::string_view::npos;  // it is a cell of METRICS.md
}

constexpr bool all_well_named() {
  for (std::size_t i = 0; i < kMetrics.size(); ++i) {
    if (!well_named(kMetrics[i])) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (kMetrics[i].name == kMetrics[j].name) return false;
    }
  }
  return true;
}

}  // namespace detail

static_assert(detail::all_well_named());

// A row of the table, named in the source: a name that is not in the table does not compile.
class MetricName {
 public:
  consteval MetricName(const char* name) {  // NOLINT: implicit by design
    const std::string_view wanted(name);
    while (kMetrics[row_].name != wanted) ++row_;  // beyond the end: not a constant expression
  }
  [[nodiscard]] constexpr std::size_t row() const { return row_; }
  [[nodiscard]] constexpr const Metric& metric() const { return kMetrics[row_]; }

 private:
  std::size_t row_ = 0;
};

[[nodiscard]] std::string_view name(MetricKind kind);

}  // namespace longspan
