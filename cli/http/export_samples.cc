#include "cli/http/export_samples.h"

namespace longspan {
namespace {

double number(std::uint64_t value) { return static_cast<double>(value); }

void add_requests(MetricSet& set, const char* signal, std::uint64_t attempts,
                  std::uint64_t failures) {
  set.add("longspan_export_requests_total", {signal}, number(attempts));
  set.add("longspan_export_failures_total", {signal}, number(failures));
}

}  // namespace

void add_export_samples(const ProcessFigures& figures, MetricSet& set) {
  if (figures.spans) {
    const ExportCounts& counts = figures.spans->counts;
    set.add("longspan_exported_spans_total", {}, number(counts.sent));
    const auto dropped = [&](const char* reason, std::uint64_t count) {
      set.add("longspan_dropped_spans_total", {reason}, number(count));
    };
    dropped("full", counts.dropped_full);
    dropped("refused", counts.dropped_refused);
    dropped("tried", counts.dropped_tried);
    dropped("rejected", counts.rejected);
    dropped("large", counts.dropped_large);
    set.add("longspan_export_queue_spans", {}, number(figures.spans->waiting));
    add_requests(set, "traces", counts.attempts, counts.failures);
  }
  if (figures.pathways) {
    const PathwayExportFigures& buckets = *figures.pathways;
    const auto add = [&](const char* outcome, std::uint64_t count) {
      set.add("longspan_pathway_buckets_total", {outcome}, number(count));
    };
    add("sent", buckets.sent);
    add("full", buckets.dropped_full);
    add("refused", buckets.dropped_refused);
    add("tried", buckets.dropped_tried);
    add_requests(set, "pathways", buckets.attempts, buckets.failures);
  }
  if (!figures.metric_points) return;
  const MetricExportFigures& points = *figures.metric_points;
  set.add("longspan_exported_metric_points_total", {}, number(points.sent));
  set.add("longspan_rejected_metric_points_total", {}, number(points.rejected));
  add_requests(set, "metrics", points.attempts, points.failures);
}

}  // namespace longspan
