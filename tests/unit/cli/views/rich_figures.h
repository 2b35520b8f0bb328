// tests/unit/cli/views/rich_figures.h - what a process knows of itself, with a value in every
// member.
#pragma once

#include "cli/http/process_figures.h"

namespace longspan {

inline ProcessFigures rich_figures() {
  ProcessFigures figures{1.5, 1 << 20, 2, LogCounts()};
  figures.spans = SpanExportFigures{{2'048, 1'900, 7, 100, 20, 12, 1, 11, 4}, 8};
  figures.metric_points = MetricExportFigures{300, 5, 9, 3};
  figures.pathways = PathwayExportFigures{8, 1, 2, 3, 14, 6};
  return figures;
}

}  // namespace longspan
