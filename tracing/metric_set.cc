#include "tracing/metric_set.h"

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <compare>
#include <sstream>
#include <string_view>
#include <utility>

#include "lagcalc/assert.h"

namespace longspan {
namespace {

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

// Numbers before words, and by their value: partition 2 before 10.
std::strong_ordering compare(const std::string& a, const std::string& b) {
  const bool number = is_number(a);
  if (number != is_number(b)) {
    return number ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  if (number && a.size() != b.size()) return a.size() <=> b.size();
  return a <=> b;
}

bool before(const MetricSample* a, const MetricSample* b) {
  return std::lexicographical_compare_three_way(a->labels.begin(), a->labels.end(),
                                                b->labels.begin(), b->labels.end(), compare) < 0;
}

prometheus::MetricType type_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::counter:
      return prometheus::MetricType::Counter;
    case MetricKind::gauge:
      return prometheus::MetricType::Gauge;
    case MetricKind::histogram:
      break;
  }
  return prometheus::MetricType::Histogram;
}

void set_value(MetricKind kind, double value, prometheus::ClientMetric& out) {
  (kind == MetricKind::counter ? out.counter.value : out.gauge.value) = value;
}

void set_value(const ClassicHistogram& value, prometheus::ClientMetric& out) {
  out.histogram.sample_count = value.count;
  out.histogram.sample_sum = value.sum;
  for (std::size_t i = 0; i < kLatencyBoundsSeconds.size(); ++i) {
    out.histogram.bucket.push_back({value.at_most[i], kLatencyBoundsSeconds[i]});
  }
}

prometheus::ClientMetric client_metric(const Metric& metric, const std::vector<std::string>& names,
                                       const MetricSample& sample) {
  prometheus::ClientMetric out;
  for (std::size_t i = 0; i < names.size(); ++i) out.label.push_back({names[i], sample.labels[i]});
  if (const auto* number = std::get_if<double>(&sample.value)) {
    set_value(metric.kind, *number, out);
  } else {
    set_value(classic(std::get<Histogram>(sample.value)), out);
  }
  return out;
}

prometheus::MetricFamily family(const Metric& metric,
                                const std::vector<const MetricSample*>& samples) {
  prometheus::MetricFamily out;
  out.name = metric.name;
  out.help = metric.help;
  out.type = type_of(metric.kind);
  const auto names = label_names(metric);
  for (const auto* sample : samples) out.metric.push_back(client_metric(metric, names, *sample));
  return out;
}

}  // namespace

std::vector<std::string> label_names(const Metric& metric) {
  std::vector<std::string> names;
  std::string_view rest = metric.labels;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    names.emplace_back(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return names;
}

ClassicHistogram classic(const Histogram& histogram) {
  ClassicHistogram out;
  const auto counts = histogram.cumulative(kLatencyBoundsSeconds);
  std::copy(counts.begin(), counts.end(), out.at_most.begin());
  out.count = histogram.count();
  out.sum = histogram.sum();
  return out;
}

void MetricSet::add(MetricName metric, Labels labels, double value) {
  LONGSPAN_ASSERT(metric.metric().kind != MetricKind::histogram);
  LONGSPAN_ASSERT(labels.size() == label_names(metric.metric()).size());
  rows_[metric.row()].push_back({std::move(labels), value});
}

void MetricSet::add(MetricName metric, Labels labels, Histogram value,
                    std::vector<Exemplar> exemplars) {
  LONGSPAN_ASSERT(metric.metric().kind == MetricKind::histogram);
  LONGSPAN_ASSERT(labels.size() == label_names(metric.metric()).size());
  rows_[metric.row()].push_back({std::move(labels), std::move(value), std::move(exemplars)});
}

std::vector<const MetricSample*> MetricSet::ordered(std::size_t row) const {
  std::vector<const MetricSample*> samples;
  samples.reserve(rows_.at(row).size());
  // The newest of equals must stay, and unique() keeps the first of them.
  for (auto it = rows_[row].rbegin(); it != rows_[row].rend(); ++it) samples.push_back(&*it);
  std::stable_sort(samples.begin(), samples.end(), before);
  const auto same = [](const auto* a, const auto* b) { return a->labels == b->labels; };
  samples.erase(std::unique(samples.begin(), samples.end(), same), samples.end());
  return samples;
}

std::string MetricSet::text() const {
  std::vector<prometheus::MetricFamily> families;
  for (std::size_t row = 0; row < kMetrics.size(); ++row) {
    if (!rows_[row].empty()) families.push_back(family(kMetrics[row], ordered(row)));
  }
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return std::move(out).str();
}

}  // namespace longspan
