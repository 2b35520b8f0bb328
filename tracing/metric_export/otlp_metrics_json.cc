#include <nlohmann/json.hpp>
#include <utility>

#include "tracing/metric_export/otlp_metrics.h"
#include "tracing/spans/otlp_parts.h"

namespace longspan {
namespace {

using Json = nlohmann::ordered_json;

void put_count64(Json& out, const char* name, std::uint64_t count) {
  if (count != 0) out[name] = std::to_string(count);
}

Json number_json(const MetricPoint& point) {
  Json out = Json::object();
  put_attributes(out, otlp_labels(point));
  put_time(out, "startTimeUnixNano", point.start);
  put_time(out, "timeUnixNano", point.at);
  out["asDouble"] = real_json(std::get<double>(point.value));
  return out;
}

void put_buckets(Json& out, const char* name, std::span<const Histogram::IndexedCount> counts) {
  if (counts.empty()) return;
  const OtlpBuckets buckets = otlp_buckets(counts);
  Json& of = out[name];
  if (buckets.offset != 0) of["offset"] = buckets.offset;
  for (const std::uint64_t count : buckets.counts) {
    of["bucketCounts"].push_back(std::to_string(count));
  }
}

Json exemplar_json(const Exemplar& exemplar) {
  Json out = Json::object();
  put_time(out, "timeUnixNano", ns_of(exemplar.at));
  out["asDouble"] = real_json(exemplar.value);
  out["spanId"] = hex(exemplar.ids.span);
  out["traceId"] = hex(exemplar.ids.trace);
  return out;
}

Json histogram_json(const MetricPoint& point) {
  const auto& histogram = std::get<Histogram>(point.value);
  Json out = Json::object();
  put_attributes(out, otlp_labels(point));
  put_time(out, "startTimeUnixNano", point.start);
  put_time(out, "timeUnixNano", point.at);
  put_count64(out, "count", histogram.count());
  if (histogram.negative().empty()) out["sum"] = real_json(histogram.sum());
  out["scale"] = Histogram::kSchema;
  put_count64(out, "zeroCount", histogram.zero_count());
  put_buckets(out, "positive", histogram.positive());
  put_buckets(out, "negative", histogram.negative());
  for (const Exemplar& exemplar : point.exemplars) {
    out["exemplars"].push_back(exemplar_json(exemplar));
  }
  out["zeroThreshold"] = Histogram::kZeroThreshold;
  return out;
}

Json metric_json(std::span<const MetricPoint> points, const Temporalities& wanted) {
  const Metric& metric = kMetrics[points[0].row];
  const bool is_histogram = metric.kind == MetricKind::histogram;
  Json data = Json::object();
  for (const MetricPoint& point : points) {
    data["dataPoints"].push_back(is_histogram ? histogram_json(point) : number_json(point));
  }
  const char* name = "gauge";
  if (metric.kind == MetricKind::counter) {
    name = "sum";
    data["aggregationTemporality"] = static_cast<int>(wanted.counters);
    data["isMonotonic"] = true;
  } else if (is_histogram) {
    name = "exponentialHistogram";
    data["aggregationTemporality"] = static_cast<int>(wanted.histograms);
  }
  Json out = Json::object();
  put_text(out, "name", metric.name);
  put_text(out, "description", metric.help);
  put_text(out, "unit", ucum(metric.unit));
  out[name] = std::move(data);
  return out;
}

}  // namespace

std::string otlp_metrics_json(const SpanOrigin& origin, std::span<const MetricPoint> points,
                              const Temporalities& temporalities) {
  Json scope = otlp_scope_json(origin);
  while (!points.empty()) scope["metrics"].push_back(metric_json(take_row(points), temporalities));
  return otlp_request_json(origin, "Metrics", std::move(scope));
}

}  // namespace longspan
