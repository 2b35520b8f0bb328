// tracing/metric_export/metric_series.h - the samples of a scrape as points of OTLP: with the time
// that they begin at, cumulative or as what came since.
//
// A cumulative series begins when the process did, or, where it came or began anew later, at the
// look before. A delta begins where the last accepted one ended: what could not be sent is in the
// next one. What a counter lost by beginning anew before it was sent is lost.
//
// Units:   those of the metric table; UnixNs.
// Errors:  none. A series that is gone is forgotten; one that comes back is a new one.
// Threads: a value.
// Limits:  a key and a number for each counter, and for each histogram; with deltas its buckets,
//          too.
// Source:  OpenTelemetry metrics data model, "Temporality", "Resets and Gaps".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "lagcalc/histogram.h"
#include "tracing/export/export_settings.h"
#include "tracing/metric_set.h"
#include "tracing/spans/span.h"

namespace longspan {

struct MetricPoint {
  std::size_t row = 0;              // of the metric table
  std::vector<std::string> labels;  // values, in the order of the table
  UnixNs start;                     // 0: a gauge
  UnixNs at;
  std::variant<double, Histogram> value;
  std::vector<Exemplar> exemplars = {};  // of what came since `start`
};

// Of the wall clock.
[[nodiscard]] inline UnixNs ns_of(TimestampMs at) {
  constexpr std::uint64_t kNsPerMs = 1'000'000;
  return {static_cast<std::uint64_t>(at.value) * kNsPerMs};
}

// What `now` has more than `before`; absent: less of anything, so that it began anew.
[[nodiscard]] std::optional<Histogram> difference(const Histogram& now, const Histogram& before);

class MetricSeries {
 public:
  MetricSeries(const Temporalities& temporalities, UnixNs started_at)
      : temporalities_(temporalities), looked_at_(started_at) {}

  // Rows in the order of the table.
  [[nodiscard]] std::vector<MetricPoint> look(const MetricSet& set, UnixNs now);
  // This point of the last look was taken: the next delta begins at its end.
  void accept(const MetricPoint& point);

  [[nodiscard]] std::size_t size() const { return seen_.size(); }

 private:
  struct Seen {
    UnixNs start;
    std::variant<double, Histogram> value;  // at `start`, of deltas; else what was seen last
    std::size_t look = 0;
  };
  [[nodiscard]] Temporality temporality(MetricKind kind) const;
  void fill(MetricPoint& point, const std::variant<double, Histogram>& value);

  const Temporalities temporalities_;
  UnixNs looked_at_;
  std::size_t look_ = 0;
  std::unordered_map<std::string, Seen> seen_;
};

}  // namespace longspan
