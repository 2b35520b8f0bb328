// tracing/openmetrics.h - the samples of a scrape as OpenMetrics text.
//
// A counter's family has its name without _total; bounds of buckets have a point ("1.0").
//
// Errors:  none.
// Threads: a pure function.
// Source:  OpenMetrics 1.0 (prometheus/OpenMetrics), "Text format".
#pragma once

#include <string>

#include "tracing/metric_set.h"

namespace longspan {

[[nodiscard]] std::string openmetrics_text(const MetricSet& set);

}  // namespace longspan
