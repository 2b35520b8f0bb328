#include "tracing/protobuf_metrics.h"

#include <string_view>
#include <vector>

#include "lagcalc/native_histogram.h"
#include "tracing/proto_writer.h"

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
                        kPositiveDelta = 13, kExemplars = 16;
}
namespace bucket_field {
constexpr std::uint32_t kCumulativeCount = 1, kUpperBound = 2, kExemplar = 3;
}
namespace exemplar_field {
constexpr std::uint32_t kLabel = 1, kValue = 2, kTimestamp = 3;
}
namespace timestamp_field {
constexpr std::uint32_t kSeconds = 1, kNanos = 2;
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

void put_buckets(ProtoWriter& out, std::uint32_t span, std::uint32_t delta,
                 const NativeBuckets& buckets) {
  for (const BucketSpan& each : buckets.spans) {
    ProtoWriter of;
    of.zigzag(span_field::kOffset, each.offset);
    of.varint(span_field::kLength, each.length);
    out.message(span, of);
  }
  out.packed_zigzag(delta, buckets.deltas);
}

ProtoWriter label_message(std::string_view name, std::string_view value) {
  ProtoWriter out;
  out.bytes(label_field::kName, name);
  out.bytes(label_field::kValue, value);
  return out;
}

ProtoWriter exemplar_message(const Exemplar& exemplar) {
  ProtoWriter at;
  at.varint(timestamp_field::kSeconds, static_cast<std::uint64_t>(exemplar.at.value / 1000));
  constexpr std::int64_t kNsPerMs = 1'000'000;
  at.varint(timestamp_field::kNanos,
            static_cast<std::uint64_t>(exemplar.at.value % 1000 * kNsPerMs));
  ProtoWriter out;
  out.message(exemplar_field::kLabel, label_message("trace_id", hex(exemplar.ids.trace)));
  out.message(exemplar_field::kLabel, label_message("span_id", hex(exemplar.ids.span)));
  out.real(exemplar_field::kValue, exemplar.value);
  out.message(exemplar_field::kTimestamp, at);
  return out;
}

// Of the classic buckets and of the native ones: a scraper takes those that it keeps.
ProtoWriter histogram_message(const Histogram& histogram, const std::vector<Exemplar>& exemplars) {
  const ClassicHistogram buckets = classic(histogram);
  const NativeHistogram native = native_histogram(histogram);
  ProtoWriter out;
  out.varint(histogram_field::kCount, native.count);
  out.real(histogram_field::kSum, native.sum);
  for (std::size_t i = 0; i < kLatencyBoundsSeconds.size(); ++i) {
    ProtoWriter bucket;
    bucket.varint(bucket_field::kCumulativeCount, buckets.at_most[i]);
    bucket.real(bucket_field::kUpperBound, kLatencyBoundsSeconds[i]);
    for (const Exemplar& exemplar : exemplars) {
      if (bucket_of(exemplar) != i) continue;
      bucket.message(bucket_field::kExemplar, exemplar_message(exemplar));
    }
    out.message(histogram_field::kBucket, bucket);
  }
  out.zigzag(histogram_field::kSchema, native.schema);
  out.real(histogram_field::kZeroThreshold, native.zero_threshold);
  out.varint(histogram_field::kZeroCount, native.zero_count);
  put_buckets(out, histogram_field::kNegativeSpan, histogram_field::kNegativeDelta,
              native.negative);
  put_buckets(out, histogram_field::kPositiveSpan, histogram_field::kPositiveDelta,
              native.positive);
  for (const Exemplar& exemplar : exemplars) {
    out.message(histogram_field::kExemplars, exemplar_message(exemplar));
  }
  return out;
}

ProtoWriter number_message(double value) {
  ProtoWriter out;
  out.real(kValueField, value);
  return out;
}

ProtoWriter metric_message(MetricKind kind, const std::vector<std::string>& names,
                           const MetricSample& sample) {
  ProtoWriter out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    out.message(metric_field::kLabel, label_message(names[i], sample.labels[i]));
  }
  if (const auto* number = std::get_if<double>(&sample.value)) {
    const bool is_counter = kind == MetricKind::counter;
    out.message(is_counter ? metric_field::kCounter : metric_field::kGauge,
                number_message(*number));
  } else {
    out.message(metric_field::kHistogram,
                histogram_message(std::get<Histogram>(sample.value), sample.exemplars));
  }
  return out;
}

ProtoWriter family_message(const Metric& metric, const std::vector<const MetricSample*>& samples) {
  ProtoWriter out;
  out.bytes(family_field::kName, metric.name);
  out.bytes(family_field::kHelp, metric.help);
  out.varint(family_field::kType, type_of(metric.kind));
  const auto names = label_names(metric);
  for (const MetricSample* sample : samples) {
    out.message(family_field::kMetric, metric_message(metric.kind, names, *sample));
  }
  if (!metric.unit.empty()) out.bytes(family_field::kUnit, metric.unit);
  return out;
}

}  // namespace

std::string protobuf_metrics(const MetricSet& set) {
  std::string out;
  for (std::size_t row = 0; row < kMetrics.size(); ++row) {
    const auto samples = set.ordered(row);
    if (samples.empty()) continue;
    const ProtoWriter body = family_message(kMetrics[row], samples);
    append_varint(out, body.text().size());
    out += body.text();
  }
  return out;
}

}  // namespace longspan
