// tracing/export/telemetry_settings.h - what a process sends of itself, out of its file and its
// environment.
//
// A word of the file goes before the variable that says the same. Where neither says anything
// nothing is sent, other than an SDK of OpenTelemetry, which would send to localhost.
//
// Errors:  `problems`: a sentence for each variable of a signal that is sent and whose value is
//          none; what it says is then its default.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tracing/export/export_settings.h"
#include "tracing/spans/messaging_names.h"

namespace longspan {

// As the file has them; empty: nothing is said.
struct TelemetryOptions {
  std::string trace_exporter = {};    // none, otlp, zipkin
  std::string trace_endpoint = {};    // is_endpoint(); without a path it gets the form's own
  std::string metrics_exporter = {};  // none, otlp
  std::string metrics_endpoint = {};
};

struct TelemetrySettings {
  ExportSettings traces;
  ExportSettings metrics;
  std::vector<std::string> problems = {};
  NamesWanted names = NamesWanted::current;  // of attributes of spans
};

[[nodiscard]] TelemetrySettings read_telemetry(const TelemetryOptions& options,
                                               Environment environment);

// A URL of http or https, without user and password: those would be shown.
[[nodiscard]] bool is_endpoint(std::string_view url);
// `path` is added where the URL has none.
[[nodiscard]] std::string with_path(std::string url, std::string_view path);

}  // namespace longspan
