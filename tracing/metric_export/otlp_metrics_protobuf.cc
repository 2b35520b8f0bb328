#include <utility>

#include "tracing/metric_export/otlp_metrics.h"
#include "tracing/spans/otlp_parts.h"

namespace longspan {
namespace {

// Field numbers of opentelemetry.proto.metrics.v1.
namespace metric_field {
constexpr std::uint32_t kName = 1, kDescription = 2, kUnit = 3, kGauge = 5, kSum = 7,
                        kExponentialHistogram = 10;
}
namespace data_field {  // of Gauge, Sum and ExponentialHistogram
constexpr std::uint32_t kPoints = 1, kTemporality = 2, kIsMonotonic = 3;
}
namespace number_field {
constexpr std::uint32_t kStart = 2, kTime = 3, kDouble = 4, kAttributes = 7;
}
namespace histogram_field {
constexpr std::uint32_t kAttributes = 1, kStart = 2, kTime = 3, kCount = 4, kSum = 5, kScale = 6,
                        kZeroCount = 7, kPositive = 8, kNegative = 9, kExemplars = 11,
                        kZeroThreshold = 14;
}
namespace exemplar_field {
constexpr std::uint32_t kTime = 2, kDouble = 3, kSpan = 4, kTrace = 5;
}
namespace buckets_field {
constexpr std::uint32_t kOffset = 1, kCounts = 2;
}

void put_count64(ProtoWriter& out, std::uint32_t field, std::uint64_t count) {
  if (count != 0) out.fixed64(field, count);
}

ProtoWriter number_message(const MetricPoint& point) {
  ProtoWriter out;
  put_time(out, number_field::kStart, point.start);
  put_time(out, number_field::kTime, point.at);
  out.real(number_field::kDouble, std::get<double>(point.value));  // one of several: also 0
  put_attributes(out, number_field::kAttributes, otlp_labels(point));
  return out;
}

void put_buckets(ProtoWriter& out, std::uint32_t field,
                 std::span<const Histogram::IndexedCount> counts) {
  if (counts.empty()) return;
  const OtlpBuckets buckets = otlp_buckets(counts);
  ProtoWriter message;
  if (buckets.offset != 0) message.zigzag(buckets_field::kOffset, buckets.offset);
  message.packed(buckets_field::kCounts, buckets.counts);
  out.message(field, message);
}

ProtoWriter exemplar_message(const Exemplar& exemplar) {
  ProtoWriter out;
  put_time(out, exemplar_field::kTime, ns_of(exemplar.at));
  out.real(exemplar_field::kDouble, exemplar.value);
  put_id(out, exemplar_field::kSpan, exemplar.ids.span);
  put_id(out, exemplar_field::kTrace, exemplar.ids.trace);
  return out;
}

ProtoWriter histogram_message(const MetricPoint& point) {
  const auto& histogram = std::get<Histogram>(point.value);
  ProtoWriter out;
  put_attributes(out, histogram_field::kAttributes, otlp_labels(point));
  put_time(out, histogram_field::kStart, point.start);
  put_time(out, histogram_field::kTime, point.at);
  put_count64(out, histogram_field::kCount, histogram.count());
  if (histogram.negative().empty()) out.real(histogram_field::kSum, histogram.sum());
  out.zigzag(histogram_field::kScale, Histogram::kSchema);
  put_count64(out, histogram_field::kZeroCount, histogram.zero_count());
  put_buckets(out, histogram_field::kPositive, histogram.positive());
  put_buckets(out, histogram_field::kNegative, histogram.negative());
  for (const Exemplar& exemplar : point.exemplars) {
    out.message(histogram_field::kExemplars, exemplar_message(exemplar));
  }
  out.real(histogram_field::kZeroThreshold, Histogram::kZeroThreshold);
  return out;
}

ProtoWriter metric_message(std::span<const MetricPoint> points, const Temporalities& wanted) {
  const Metric& metric = kMetrics[points[0].row];
  ProtoWriter data;
  const auto put_temporality = [&](Temporality of) {
    data.varint(data_field::kTemporality, static_cast<std::uint64_t>(of));
  };
  const bool is_histogram = metric.kind == MetricKind::histogram;
  for (const MetricPoint& point : points) {
    data.message(data_field::kPoints,
                 is_histogram ? histogram_message(point) : number_message(point));
  }
  std::uint32_t field = metric_field::kGauge;
  if (metric.kind == MetricKind::counter) {
    field = metric_field::kSum;
    put_temporality(wanted.counters);
    data.varint(data_field::kIsMonotonic, 1);
  } else if (is_histogram) {
    field = metric_field::kExponentialHistogram;
    put_temporality(wanted.histograms);
  }
  ProtoWriter out;
  put_text(out, metric_field::kName, metric.name);
  put_text(out, metric_field::kDescription, metric.help);
  put_text(out, metric_field::kUnit, ucum(metric.unit));
  out.message(field, data);
  return out;
}

}  // namespace

std::string otlp_metrics_protobuf(const SpanOrigin& origin, std::span<const MetricPoint> points,
                                  const Temporalities& temporalities) {
  ProtoWriter scope = otlp_scope(origin);
  while (!points.empty()) scope.message(2, metric_message(take_row(points), temporalities));
  return otlp_request(origin, std::move(scope));
}

}  // namespace longspan
