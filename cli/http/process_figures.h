// cli/http/process_figures.h - what a process knows of itself beside its flows.
//
// Units:   seconds, bytes.
// Errors:  none; what /proc does not tell is absent.
// Threads: a value; the function may be called from any thread.
// Source:  getrusage(2), proc(5) "statm".
#pragma once

#include <cstdint>
#include <optional>

#include "lagcalc/units.h"
#include "tracing/export/export_figures.h"
#include "tracing/log.h"

namespace longspan {

struct ProcessFigures {
  std::optional<double> cpu_seconds;  // user and system
  std::optional<std::int64_t> resident_bytes;
  std::optional<std::int32_t> shards;  // set by who wires the shards
  std::optional<LogCounts> log;
  std::optional<TimestampMs> at = {};  // when they were read
  // Set by who sends; absent: nothing is sent.
  std::optional<SpanExportFigures> spans = {};
  std::optional<MetricExportFigures> metric_points = {};
  std::optional<PathwayExportFigures> pathways = {};
};

// All of it but what others set, now.
[[nodiscard]] ProcessFigures read_process_figures();

}  // namespace longspan
