#include "tracing/metric_export/otlp_metrics.h"

namespace longspan {

// Ours is named by its upper end, OTLP's by its lower one.
OtlpBuckets otlp_buckets(std::span<const Histogram::IndexedCount> counts) {
  OtlpBuckets out;
  if (counts.empty()) return out;
  const std::int32_t first = counts.front().index;
  out.offset = first - 1;
  out.counts.resize(static_cast<std::size_t>(counts.back().index - first) + 1);
  for (const auto& each : counts)
    out.counts[static_cast<std::size_t>(each.index - first)] = each.count;
  return out;
}

std::string ucum(std::string_view unit) {
  if (unit == "seconds") return "s";
  if (unit == "bytes") return "By";
  return unit.empty() ? std::string() : "{" + std::string(unit) + "}";
}

Attributes otlp_labels(const MetricPoint& point) {
  Attributes out;
  const auto names = label_names(kMetrics[point.row]);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!point.labels[i].empty()) out.put(names[i], point.labels[i]);
  }
  return out;
}

std::span<const MetricPoint> take_row(std::span<const MetricPoint>& points) {
  std::size_t count = 0;
  while (count < points.size() && points[count].row == points[0].row) ++count;
  const auto out = points.first(count);
  points = points.subspan(count);
  return out;
}

Batches make_metric_batches(const SpanOrigin& origin, std::span<const MetricPoint> points,
                            const ExportSettings& settings, std::size_t bytes_max) {
  const auto write = [&](std::span<const MetricPoint> part) {
    return settings.form == ExportForm::otlp_json
               ? otlp_metrics_json(origin, part, settings.temporalities)
               : otlp_metrics_protobuf(origin, part, settings.temporalities);
  };
  return halved(points, write, bytes_max);
}

}  // namespace longspan
