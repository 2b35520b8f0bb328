// cli/http/export_samples.h - the samples about what is sent to collectors.
//
// Errors:  none; where nothing is sent there is no sample.
// Threads: a pure function.
#pragma once

#include "cli/http/process_figures.h"
#include "tracing/metric_set.h"

namespace longspan {

void add_export_samples(const ProcessFigures& figures, MetricSet& set);

}  // namespace longspan
