// tracing/protobuf_metrics.h - the samples of a scrape as Prometheus' Protocol Buffers: the one
// form that carries native histograms.
//
// A histogram has both its classic buckets and its native ones; a server that takes native
// histograms keeps those, unless it is told to keep the classic ones, too.
//
// Errors:  none.
// Threads: a pure function.
// Source:  prometheus/client_model, metrics.proto (io.prometheus.client.MetricFamily), each message
//          with its length before it as a varint.
#pragma once

#include <string>

#include "tracing/metric_set.h"

namespace longspan {

[[nodiscard]] std::string protobuf_metrics(const MetricSet& set);

}  // namespace longspan
