// tracing/exposition.h - the samples of a scrape in the form that a scraper asks for.
//
//   text         Prometheus' text format 0.0.4: classic buckets
//   openmetrics  OpenMetrics 1.0: classic buckets, units, "# EOF"
//   protobuf     io.prometheus.client.MetricFamily, each with its length before it: classic buckets
//                and a native histogram of schema 5, which loses nothing
//
// Errors:  none. An Accept that names none of them gets the text, as one that is missing.
// Threads: pure functions.
// Limits:  kAcceptBytesMax of an Accept are read.
// Source:  Prometheus, "Exposition formats"; OpenMetrics 1.0; prometheus/client_model
// metrics.proto;
//          RFC 9110, 12.5.1 (of equal weights the first one named).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tracing/metric_set.h"

namespace longspan {

enum class Exposition : std::uint8_t { text, openmetrics, protobuf };
inline constexpr std::size_t kExpositions = 3;
inline constexpr std::size_t kAcceptBytesMax = 4096;

[[nodiscard]] Exposition exposition_of(std::string_view accept);
[[nodiscard]] std::string_view content_type(Exposition form);
[[nodiscard]] std::string exposed(const MetricSet& set, Exposition form);

}  // namespace longspan
