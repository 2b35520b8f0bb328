#include "cli/http/trace_samples.h"

#include <cstddef>
#include <cstdint>

namespace longspan {

void add_trace_samples(const std::string& flow, const TraceFigures& figures, MetricSet& set) {
  const auto add = [&](MetricName name, std::string_view label, std::uint64_t count) {
    set.add(name, {flow, std::string(label)}, static_cast<double>(count));
  };
  const ContextTally& contexts = figures.contexts;
  for (std::size_t i = 0; i < kTraceFormats; ++i) {
    add("longspan_trace_contexts_total", kTraceFormatNames[i], contexts.formats[i]);
  }
  add("longspan_trace_contexts_total", "row", figures.in_rows);
  for (std::size_t fault = 1; fault < kTraceFaults; ++fault) {
    std::uint64_t count = 0;
    for (const auto& of_format : contexts.faults) count += of_format[fault];
    add("longspan_trace_faults_total", kTraceFaultNames[fault], count);
  }
  add("longspan_trace_faults_total", "row", figures.rows_broken);
  add("longspan_trace_disagreements_total", "trace", contexts.other_trace);
  add("longspan_trace_disagreements_total", "span", contexts.other_span);
  add("longspan_trace_disagreements_total", "decision", contexts.other_decision);
  add("longspan_trace_rewritten_records_total", "continued", figures.rewritten);
  add("longspan_trace_rewritten_records_total", "begun", figures.begun);
  add("longspan_trace_recorded_records_total", "sampled", figures.recorded);
  add("longspan_trace_recorded_records_total", "slow", figures.kept_slow);
  add("longspan_trace_recorded_records_total", "failed", figures.kept_failed);
  add("longspan_trace_dropped_records_total", "limit", figures.rate_limited);
  add("longspan_trace_dropped_records_total", "full", figures.dropped);
  add("longspan_trace_dropped_records_total", "sink", figures.sinks_lost);
  const PathwayFigures& pathways = figures.pathways;
  set.add("longspan_pathway_checkpoints_total", {flow}, static_cast<double>(pathways.checkpoints));
  add("longspan_pathway_faults_total", "broken", pathways.broken);
  add("longspan_pathway_faults_total", "negative", pathways.negative);
  add("longspan_pathway_faults_total", "full", pathways.left_out);
  set.add("longspan_trace_broken_records_total", {flow}, static_cast<double>(figures.left_broken));
  set.add("longspan_trace_batches_total", {flow}, static_cast<double>(figures.batches));
  set.add("longspan_trace_spans_total", {flow}, static_cast<double>(figures.spans));
}

}  // namespace longspan
