// tracing/metric_set.h - the samples of one scrape.
//
// Built anew for every scrape from a snapshot, so what is gone leaves no series behind.
//
// Units:   those of the metric table.
// Errors:  none; a wrong number of label values, or a histogram for a gauge, is a programmer's
//          error and asserts. Two samples with the same labels: the later one stays.
// Limits:  none of its own; whoever fills it bounds the number of series.
// Threads: a value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "lagcalc/histogram.h"
#include "tracing/exemplar.h"
#include "tracing/metric_table.h"

namespace longspan {

// A histogram as the classic forms want it.
struct ClassicHistogram {
  std::array<std::uint64_t, kLatencyBoundsSeconds.size()> at_most{};  // of each bound, cumulative
  std::uint64_t count = 0;
  double sum = 0;
};
[[nodiscard]] ClassicHistogram classic(const Histogram& histogram);

// Of the table's row, in its order.
[[nodiscard]] std::vector<std::string> label_names(const Metric& metric);

struct MetricSample {
  std::vector<std::string> labels;  // values, in the order of the table
  std::variant<double, Histogram> value;
  std::vector<Exemplar> exemplars = {};  // of a histogram, at most one of each classic bucket
};

class MetricSet {
 public:
  using Labels = std::vector<std::string>;

  void add(MetricName metric, Labels labels, double value);
  void add(MetricName metric, Labels labels, Histogram value, std::vector<Exemplar> exemplars = {});

  // Each once, in the order of the labels; values that are numbers are ordered as numbers.
  [[nodiscard]] std::vector<const MetricSample*> ordered(std::size_t row) const;
  [[nodiscard]] std::vector<const MetricSample*> ordered(MetricName metric) const {
    return ordered(metric.row());
  }

  // Prometheus' text exposition 0.0.4, rows in the order of the table; exposition.h has the others.
  [[nodiscard]] std::string text() const;

 private:
  std::array<std::vector<MetricSample>, kMetrics.size()> rows_;
};

}  // namespace longspan
