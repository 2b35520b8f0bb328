// tracing/export/export_figures.h - what became of what was to be sent, for metrics about it.
//
// Units:   spans; points of metrics.
// Errors:  none.
// Threads: values.
#pragma once

#include <cstddef>
#include <cstdint>

namespace longspan {

struct ExportCounts {
  std::uint64_t pushed = 0;
  std::uint64_t sent = 0;             // accepted, rejected ones left out
  std::uint64_t rejected = 0;         // by a partial success
  std::uint64_t dropped_full = 0;     // the queue was full
  std::uint64_t dropped_refused = 0;  // answered with what is not sent again
  std::uint64_t dropped_tried = 0;    // attempts_max was reached, or the end came
  std::uint64_t dropped_large = 0;    // larger than a request may be
  std::uint64_t attempts = 0;         // requests
  std::uint64_t failures = 0;         // requests that were not accepted
  friend bool operator==(const ExportCounts&, const ExportCounts&) = default;
};

struct SpanExportFigures {
  ExportCounts counts;
  std::size_t waiting = 0;
};

// What was not accepted is no loss: the next points say the same, and more.
struct MetricExportFigures {
  std::uint64_t sent = 0;
  std::uint64_t rejected = 0;  // by a partial success, or larger than a request may be
  std::uint64_t attempts = 0;  // requests
  std::uint64_t failures = 0;  // requests that were not accepted
  friend bool operator==(const MetricExportFigures&, const MetricExportFigures&) = default;
};

// Buckets of checkpoints (tracing/pathways/), of ten seconds each.
struct PathwayExportFigures {
  std::uint64_t sent = 0;
  std::uint64_t dropped_full = 0;     // too many waited
  std::uint64_t dropped_refused = 0;  // answered with what is not sent again
  std::uint64_t dropped_tried = 0;    // its attempts were spent, or the end came
  std::uint64_t attempts = 0;         // requests
  std::uint64_t failures = 0;         // requests that were not accepted
  friend bool operator==(const PathwayExportFigures&, const PathwayExportFigures&) = default;
};

}  // namespace longspan
