// tracing/export/export_settings.h - where spans or metrics are sent and how, out of
// OpenTelemetry's environment variables.
//
// A variable of the signal goes before the general one and replaces it whole:
// OTEL_EXPORTER_OTLP_TRACES_HEADERS before OTEL_EXPORTER_OTLP_HEADERS. An empty one is as if unset.
//   OTEL_EXPORTER_OTLP_ENDPOINT         /v1/traces or /v1/metrics is appended to its path
//   OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, _METRICS_ENDPOINT  are taken as they are
//   _PROTOCOL http/protobuf, http/json  _HEADERS k=v,k=v, values percent-encoded
//   _TIMEOUT milliseconds               _COMPRESSION none, gzip
//   _CERTIFICATE, _CLIENT_CERTIFICATE, _CLIENT_KEY  paths of files
//   OTEL_TRACES_EXPORTER otlp, zipkin, none; OTEL_EXPORTER_ZIPKIN_ENDPOINT, OTEL_SDK_DISABLED
//   OTEL_METRICS_EXPORTER otlp, prometheus, none, several with commas; /metrics is always there
//   OTEL_SERVICE_NAME before service.name of OTEL_RESOURCE_ATTRIBUTES
//   OTEL_BSP_SCHEDULE_DELAY, _MAX_QUEUE_SIZE, _MAX_EXPORT_BATCH_SIZE; OTEL_METRIC_EXPORT_INTERVAL
//   OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE cumulative, delta, lowmemory
// Histograms are always exponential: OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION is
// not asked.
//
// Units:   milliseconds in the variables.
// Errors:  what is no value of its variable is told in `problems` and is as if unset, as
//          OpenTelemetry asks; a problem names the variable, never a header's value.
// Threads: pure function.
// Source:  OpenTelemetry: "OTLP Exporter Configuration", "Environment Variable Specification".
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tracing/spans/span.h"

namespace longspan {

using Environment = std::map<std::string, std::string, std::less<>>;

enum class ExportForm : std::uint8_t { otlp_protobuf, otlp_json, zipkin_json };

enum class ExportSignal : std::uint8_t { traces, metrics };

// Numbers are OTLP's.
enum class Temporality : std::uint8_t { delta = 1, cumulative = 2 };
struct Temporalities {
  Temporality counters = Temporality::cumulative;
  Temporality histograms = Temporality::cumulative;
  friend bool operator==(const Temporalities&, const Temporalities&) = default;
};

struct ExportSettings {
  bool is_enabled = true;
  ExportForm form = ExportForm::otlp_protobuf;
  std::string url = "http://localhost:4318/v1/traces";
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::chrono::milliseconds timeout{10'000};
  bool is_gzip = false;
  std::string certificate_file = {};  // of who signed the server's; empty: the system's
  std::string client_certificate_file = {};
  std::string client_key_file = {};
  Attributes resource = {};                         // with service.name
  std::chrono::milliseconds schedule_delay{5'000};  // of metrics: the interval
  Temporalities temporalities = {};                 // of metrics
  std::size_t queue_max = 2'048;
  std::size_t batch_max = 512;
  std::vector<std::string> problems = {};  // a sentence each
};

[[nodiscard]] ExportSettings read_export_settings(const Environment& environment,
                                                  ExportSignal signal = ExportSignal::traces);

// The names of all variables that are asked for.
[[nodiscard]] std::vector<std::string> export_variables();

// Where the path begins in an http or https URL; absent: it is none.
[[nodiscard]] std::optional<std::size_t> path_of(std::string_view url);

}  // namespace longspan
