// cli/http/trace_samples.h - the samples about the traces of a flow's records.
//
// Errors:  none; of a flow without traces there is no sample.
// Threads: a pure function.
#pragma once

#include <string>

#include "mirror/traces/trace_figures.h"
#include "tracing/metric_set.h"

namespace longspan {

void add_trace_samples(const std::string& flow, const TraceFigures& figures, MetricSet& set);

}  // namespace longspan
