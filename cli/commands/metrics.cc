#include "cli/commands/metrics.h"

#include <cstdio>

#include "cli/exit_code.h"
#include "tracing/metric_doc.h"

namespace longspan {

const CommandRow kMetricsCommand{
    .name = "metrics",
    .summary = "Every metric of /metrics with its labels, unit and number of series, as Markdown",
    .run = metrics_command,
};

int metrics_command(const CommandLine&) {
  std::fputs(metrics_markdown().c_str(), stdout);
  return kExitFine;
}

}  // namespace longspan
