#include "mirror/traces/trace_examples.h"

#include <array>
#include <utility>

#include "mirror/hops/topic_hops.h"

namespace longspan {
namespace {

// The span of the story (hop_story.h) that a hop of the histograms is; of all of it: the whole.
HopSpan span_of(const Hop& hop) {
  if (hop.is_within) return HopSpan::mirror;
  switch (hop.to) {
    case Waypoint::connector:
      return HopSpan::capture;
    case Waypoint::source_append:
      return HopSpan::append;
    case Waypoint::fetched:
      return HopSpan::wait;
    case Waypoint::produced:
      return HopSpan::queue;
    default:
      return HopSpan::send;
  }
}

}  // namespace

void TraceExamples::put(const Series& series, const Exemplar& exemplar) {
  const auto found = series_.find(series);
  if (found != series_.end()) return found->second.put(exemplar);
  if (series_.size() < kSeriesMax) series_[series].put(exemplar);
}

void TraceExamples::add(const Series& series, const RecordTimes& times, Waypoint from, Waypoint to,
                        SpanIds ids, TimestampMs now) {
  const auto took = times.between(from, to);
  if (!took || !took->point) return;
  constexpr double kUs = 1e6;
  put(series, {static_cast<double>(took->point->value) / kUs, ids, now});
}

void TraceExamples::add_hops(const TracedRecord& record, TimestampMs now) {
  if (!record.times) return;
  for (const Hop& hop : kHops) {
    const SpanId span = record.of->ids.span(record.source, span_of(hop));
    add({record.of->source.topic, "", hop.name}, *record.times, hop.from, hop.to,
        {record.trace, span}, now);
  }
}

void TraceExamples::add_sink(const TracedRecord& record, const std::string& group,
                             const RecordTimes& times, TimestampMs now) {
  const std::string& topic = record.of->source.topic;
  const SpanIds ids{record.trace, record.of->ids.sink_span(record.source, group)};
  add({topic, group, kEndToEnd}, times, Waypoint::commit, Waypoint::sink_commit, ids, now);
  add({topic, group, kSinkCommit}, times, Waypoint::target_append, Waypoint::sink_commit, ids, now);
}

void TraceExamples::merge(const TraceExamples& others) {
  for (const auto& [series, exemplars] : others.series_) {
    if (series_.size() >= kSeriesMax && !series_.contains(series)) continue;
    series_[series].merge(exemplars);
  }
}

const Exemplars* TraceExamples::find(const Series& series) const {
  const auto found = series_.find(series);
  return found == series_.end() ? nullptr : &found->second;
}

}  // namespace longspan
