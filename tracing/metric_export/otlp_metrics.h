// tracing/metric_export/otlp_metrics.h - points of metrics as a request of OTLP:
// ExportMetricsServiceRequest.
//
// Names, labels and help are those of /metrics: gauges; monotonic sums; exponential histograms of
// scale 5, which have the very buckets of lagcalc/histogram.h. A label without a value is left out,
// which is the same to Prometheus. A histogram with negative values has no sum, as OTLP asks.
//
// Units:   UCUM: s, By, {records}; none where the table has none.
// Errors:  none.
// Threads: pure functions.
// Source:  opentelemetry-proto v1: metrics.proto; OTLP specification, "JSON Protobuf Encoding".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tracing/export/batch.h"
#include "tracing/export/export_settings.h"
#include "tracing/metric_export/metric_series.h"

namespace longspan {

// Points of a row stand together.
[[nodiscard]] std::string otlp_metrics_protobuf(const SpanOrigin& origin,
                                                std::span<const MetricPoint> points,
                                                const Temporalities& temporalities);
[[nodiscard]] std::string otlp_metrics_json(const SpanOrigin& origin,
                                            std::span<const MetricPoint> points,
                                            const Temporalities& temporalities);

[[nodiscard]] Batches make_metric_batches(const SpanOrigin& origin,
                                          std::span<const MetricPoint> points,
                                          const ExportSettings& settings,
                                          std::size_t bytes_max = kBatchBytesMax);

// What both forms share.
struct OtlpBuckets {
  std::int32_t offset = 0;            // bucket i holds (base^(offset+i), base^(offset+i+1)]
  std::vector<std::uint64_t> counts;  // empty buckets between others, too
};
[[nodiscard]] OtlpBuckets otlp_buckets(std::span<const Histogram::IndexedCount> counts);
[[nodiscard]] std::string ucum(std::string_view unit);
[[nodiscard]] Attributes otlp_labels(const MetricPoint& point);
// The points of the first row, which are taken away.
[[nodiscard]] std::span<const MetricPoint> take_row(std::span<const MetricPoint>& points);

}  // namespace longspan
