#include "tracing/export/telemetry_settings.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace longspan {
namespace {

void put(Environment& environment, const char* name, const std::string& value) {
  if (!value.empty()) environment[name] = value;
}

void put_default(Environment& environment, const char* name, const char* value) {
  std::string& found = environment[name];
  if (found.empty()) found = value;
}

// An exporter that does not exist is none.
void tell(ExportSettings& settings, std::string_view exporter, std::vector<std::string>& into) {
  const auto is_of_exporter = [&](const std::string& text) { return text.starts_with(exporter); };
  auto& problems = settings.problems;
  if (std::any_of(problems.begin(), problems.end(), is_of_exporter)) settings.is_enabled = false;
  for (const std::string& problem : problems) {
    const bool is_told = std::find(into.begin(), into.end(), problem) != into.end();
    if ((settings.is_enabled || is_of_exporter(problem)) && !is_told) into.push_back(problem);
  }
}

// None is fine. An address of version 6 has colons within its brackets.
bool has_fine_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  if (host.ends_with(']') || host.substr(colon).starts_with("://")) return true;
  const std::string_view text = host.substr(colon + 1);
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port >= 1 &&
         port <= UINT16_MAX;
}

}  // namespace

std::string with_path(std::string url, std::string_view path) {
  const auto begin = path_of(url);
  if (begin && (*begin == url.size() || url.substr(*begin) == "/")) {
    url.resize(*begin);
    url += path;
  }
  return url;
}

bool is_endpoint(std::string_view url) {
  const auto path = path_of(url);
  if (!path) return false;
  const std::string_view host = url.substr(0, *path);
  return host.find('@') == std::string_view::npos && has_fine_port(host);
}

TelemetrySettings read_telemetry(const TelemetryOptions& options, Environment environment) {
  put(environment, "OTEL_TRACES_EXPORTER", options.trace_exporter);
  put(environment, "OTEL_METRICS_EXPORTER", options.metrics_exporter);
  put_default(environment, "OTEL_TRACES_EXPORTER", "none");
  put_default(environment, "OTEL_METRICS_EXPORTER", "none");
  if (environment["OTEL_TRACES_EXPORTER"] == "zipkin") {
    put(environment, "OTEL_EXPORTER_ZIPKIN_ENDPOINT",
        with_path(options.trace_endpoint, "/api/v2/spans"));
  } else {
    put(environment, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        with_path(options.trace_endpoint, "/v1/traces"));
  }
  put(environment, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
      with_path(options.metrics_endpoint, "/v1/metrics"));

  TelemetrySettings out{read_export_settings(environment, ExportSignal::traces),
                        read_export_settings(environment, ExportSignal::metrics)};
  out.names = names_wanted(environment["OTEL_SEMCONV_STABILITY_OPT_IN"]);
  tell(out.traces, "OTEL_TRACES_EXPORTER ", out.problems);
  tell(out.metrics, "OTEL_METRICS_EXPORTER ", out.problems);
  return out;
}

}  // namespace longspan
