// cli/http/metrics_page.h - a snapshot as the samples of one scrape: /metrics.
//
// Every row of the metric table is filled here and nowhere else.
//
// Units:   seconds where the snapshot has milliseconds.
// Errors:  none; what the snapshot does not know becomes no sample.
// Limits:  SeriesLimits. What lies beyond, in the order of (flow, topic, partition), is summed up
//          under the label kOverflow, which cannot be a name of Kafka's.
// Threads: a pure function.
#pragma once

#include <cstddef>
#include <string_view>

#include "cli/http/process_figures.h"
#include "mirror/snapshot.h"
#include "tracing/metric_set.h"

namespace longspan {

struct SeriesLimits {
  std::size_t topics_max = 1'000;
  std::size_t partitions_max = 10'000;
  std::size_t groups_max = 2'000;  // groups and topics
};

inline constexpr std::string_view kOverflow = "(overflow)";

[[nodiscard]] MetricSet collect(const ProcessSnapshot& snapshot, const ProcessFigures& figures,
                                SeriesLimits limits = {});

}  // namespace longspan
