// tracing/metric_doc.h - the metric table as a document: dashboards/METRICS.md, `longspan metrics`.
//
// Threads: a pure function.
#pragma once

#include <string>

namespace longspan {

[[nodiscard]] std::string metrics_markdown();

}  // namespace longspan
