// cli/commands/metrics.h - `longspan metrics`: the metric table as Markdown.
#pragma once

#include "cli/command_line.h"

namespace longspan {

int metrics_command(const CommandLine& line);
extern const CommandRow kMetricsCommand;

}  // namespace longspan
