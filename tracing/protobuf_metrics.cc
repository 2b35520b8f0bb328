#include "tracing/protobuf_metrics.h"

#include <string_view>
#include <vector>

#include "lagcalc/native_histogram.h"
#include "tracing/protobuf_writer.h"

namespace longspan {
namespace {

// Field numbers of io.prometheus.client's messages.
namespace family_field {
constexpr std::uint32_t kName = 1, kHelp = 2, kType = 3, kMetric = 4, kUnit = 5;
}
namespace metric_field {
constexpr std::uint32_t kLabel = 1, kGauge = 2, kCounter = 3, kHistogram = 7;
}
namespace label_field {
constexpr std::uint32_t kName = 1, kValue = 2;
}
namespace histogram_field {
constexpr std::uint32_t kCount = 1, kSum = 2, kBucket = 3, kSchema = 5, kZeroThreshold = 6,
                        kZeroCount = 7, kNegativeSpan = 9, kNegativeDelta = 10, kPositiveSpan = 12,
                        kPositiveDelta = 13;
}
namespace bucket_field {
constexpr std::uint32_t kCumulativeCount = 1, kUpperBound = 2;
}
namespace span_field {
constexpr std::uint32_t kOffset = 1, kLength = 2;
}
constexpr std::uint32_t kValueField = 1;  // of a gauge and of a counter

std::uint64_t type_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::counter:
      return 0;
    case MetricKind::gauge:
      return 1;
    case MetricKind::histogram:
      break;
  }
  return 4;
}

void write_buckets(ProtobufWriter& out, std::uint32_t span, std::uint32_t delta,
                   const NativeBuckets& buckets) {
  for (const BucketSpan& each : buckets.spans) {
    out.message(span, [&each](ProtobufWriter& to) {
      to.zigzag(span_field::kOffset, each.offset);
      to.number(span_field::kLength, each.length);
    });
  }
  out.packed_zigzag(delta, buckets.deltas);
}

void write_histogram(ProtobufWriter& out, const Histogram& histogram) {
  const ClassicHistogram buckets = classic(histogram);
  const NativeHistogram native = native_histogram(histogram);
  out.number(histogram_field::kCount, native.count);
  out.real(histogram_field::kSum, native.sum);
  for (std::size_t i = 0; i < kLatencyBoundsSeconds.size(); ++i) {
    out.message(histogram_field::kBucket, [&buckets, i](ProtobufWriter& to) {
      to.number(bucket_field::kCumulativeCount, buckets.at_most[i]);
      to.real(bucket_field::kUpperBound, kLatencyBoundsSeconds[i]);
    });
  }
  out.zigzag(histogram_field::kSchema, native.schema);
  out.real(histogram_field::kZeroThreshold, native.zero_threshold);
  out.number(histogram_field::kZeroCount, native.zero_count);
  write_buckets(out, histogram_field::kNegativeSpan, histogram_field::kNegativeDelta,
                native.negative);
  write_buckets(out, histogram_field::kPositiveSpan, histogram_field::kPositiveDelta,
                native.positive);
}

void write_sample(ProtobufWriter& out, MetricKind kind, const std::vector<std::string>& names,
                  const MetricSample& sample) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    out.message(metric_field::kLabel, [&](ProtobufWriter& to) {
      to.text(label_field::kName, names[i]);
      to.text(label_field::kValue, sample.labels[i]);
    });
  }
  if (const auto* number = std::get_if<double>(&sample.value)) {
    const bool is_counter = kind == MetricKind::counter;
    out.message(is_counter ? metric_field::kCounter : metric_field::kGauge,
                [number](ProtobufWriter& to) { to.real(kValueField, *number); });
  } else {
    const auto& histogram = std::get<Histogram>(sample.value);
    out.message(metric_field::kHistogram,
                [&histogram](ProtobufWriter& to) { write_histogram(to, histogram); });
  }
}

std::string family(const Metric& metric, const std::vector<const MetricSample*>& samples) {
  std::string body;
  ProtobufWriter out(body);
  out.text(family_field::kName, metric.name);
  out.text(family_field::kHelp, metric.help);
  out.number(family_field::kType, type_of(metric.kind));
  const auto names = label_names(metric);
  for (const MetricSample* sample : samples) {
    out.message(family_field::kMetric,
                [&](ProtobufWriter& to) { write_sample(to, metric.kind, names, *sample); });
  }
  if (!metric.unit.empty()) out.text(family_field::kUnit, metric.unit);
  return body;
}

}  // namespace

std::string protobuf_metrics(const MetricSet& set) {
  std::string out;
  for (std::size_t row = 0; row < kMetrics.size(); ++row) {
    const auto samples = set.ordered(row);
    if (samples.empty()) continue;
    const std::string body = family(kMetrics[row], samples);
    append_varint(out, body.size());
    out += body;
  }
  return out;
}

}  // namespace longspan
