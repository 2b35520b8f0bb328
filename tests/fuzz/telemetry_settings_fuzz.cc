// What must hold for any value of a variable, or of an endpoint in the file: what is sent goes to a
// URL, with headers that are headers, from a queue that holds a batch. First byte chooses which.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "lagcalc/assert.h"
#include "tracing/export/telemetry_settings.h"

namespace longspan {
namespace {

bool has_control(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n'; });
}

void check(const ExportSettings& settings) {
  LONGSPAN_ASSERT(path_of(settings.url).has_value());
  LONGSPAN_ASSERT(!has_control(settings.url));
  for (const auto& [name, value] : settings.headers) {
    LONGSPAN_ASSERT(!name.empty() && !has_control(name) && !has_control(value));
  }
  LONGSPAN_ASSERT(settings.batch_max > 0 && settings.batch_max <= settings.queue_max);
  LONGSPAN_ASSERT(settings.timeout.count() > 0 && settings.schedule_delay.count() > 0);
  LONGSPAN_ASSERT(settings.resource.find("service.name") != nullptr);
}

void check(std::uint8_t which, const std::string& value) {
  static const std::vector<std::string> names = export_variables();
  TelemetryOptions options{"otlp", {}, "otlp", {}};
  if (which % 2 == 0) options.trace_exporter = "zipkin";
  Environment environment;
  const std::size_t at = which / 2 % (names.size() + 1);
  if (at < names.size()) {
    environment[names[at]] = value;
  } else if (is_endpoint(value)) {
    options.trace_endpoint = options.metrics_endpoint = value;
  }
  const TelemetrySettings found = read_telemetry(options, environment);
  check(found.traces);
  check(found.metrics);
}

}  // namespace
}  // namespace longspan

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  longspan::check(data[0], std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
