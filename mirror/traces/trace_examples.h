// mirror/traces/trace_examples.h - records with spans as examples in the histograms that they are
// counted in: who looks at a slow bucket finds a trace that shows why.
//
// Units:   seconds; what a hop took at the points of its ends, as the histograms have it.
// Errors:  none. A hop without a span, or without both points, is no example.
// Threads: values.
// Limits:  kSeriesMax histograms, Exemplars::kMax of each; what comes after is left out.
#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "lagcalc/clocks/record_times.h"
#include "mirror/traces/traced_record.h"
#include "tracing/exemplar.h"

namespace longspan {

class TraceExamples {
 public:
  static constexpr std::size_t kSeriesMax = 2'000;
  struct Series {
    std::string topic;      // at the source
    std::string group;      // empty: of a hop
    std::string_view name;  // of kHops; of a group one of those below
    friend auto operator<=>(const Series&, const Series&) = default;
  };
  static constexpr std::string_view kEndToEnd = "end_to_end";
  static constexpr std::string_view kSinkCommit = "sink_commit";

  // Its spans were told.
  void add_hops(const TracedRecord& record, TimestampMs now);
  void add_sink(const TracedRecord& record, const std::string& group, const RecordTimes& times,
                TimestampMs now);
  void put(const Series& series, const Exemplar& exemplar);
  void merge(const TraceExamples& others);

  [[nodiscard]] const Exemplars* find(const Series& series) const;
  [[nodiscard]] bool empty() const { return series_.empty(); }

 private:
  void add(const Series& series, const RecordTimes& times, Waypoint from, Waypoint to, SpanIds ids,
           TimestampMs now);
  std::map<Series, Exemplars> series_;
};

}  // namespace longspan
