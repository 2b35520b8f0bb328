#include "cli/telemetry/telemetry.h"

#include <random>
#include <utility>

#include "cli/telemetry/http_transport.h"
#include "tracing/spans/messaging_names.h"

namespace longspan {
namespace {

std::uint64_t some_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

SpanOrigin origin_of(const TelemetryOrigin& from) {
  SpanOrigin out;
  out.resource.put("service.instance.id", from.instance);
  out.resource.put("service.version", from.version);
  out.scope_version = from.version;
  return out;
}

// "host:pid", as a process is named.
std::string host_of(const std::string& instance) {
  return instance.substr(0, instance.find_last_of(':'));
}

// An agent stands on the same host, or next to it.
const ExportSettings kPathwayTransport{.timeout = std::chrono::milliseconds(5'000)};

MakeTransport transport_of(const ExportSettings& settings, const std::string& version) {
  return [&settings, version](std::stop_token stop) {
    return make_http_transport(settings, "longspan/" + version, std::move(stop));
  };
}

}  // namespace

Telemetry::Telemetry(TelemetrySettings settings, const PathwaySettings& pathways,
                     TelemetryOrigin origin)
    : settings_(std::move(settings)), from_(std::move(origin)) {
  if (pathways.is_enabled) {
    pathways_ = std::make_unique<PathwayThread>(
        pathways.url, PathwayOrigin{pathways.service, host_of(from_.instance), from_.version},
        transport_of(kPathwayTransport, from_.version), some_seed());
  }
  if (!settings_.traces.is_enabled) return;
  SpanOrigin of_spans = origin_of(from_);
  of_spans.schema_url = kSchemaUrl;
  spans_ = std::make_unique<SpanThread>(settings_.traces, std::move(of_spans),
                                        transport_of(settings_.traces, from_.version), some_seed());
}

Telemetry::~Telemetry() = default;

void Telemetry::send_metrics(MetricExporter::Collect collect) {
  if (!settings_.metrics.is_enabled) return;
  const UnixNs started_at{static_cast<std::uint64_t>(from_.started_at.value) * 1'000'000};
  metrics_ = std::make_unique<MetricThread>(settings_.metrics, origin_of(from_),
                                            transport_of(settings_.metrics, from_.version),
                                            std::move(collect), started_at, some_seed());
  metrics_->start();  // `collect` may ask for our figures
}

void Telemetry::stop_metrics(std::chrono::milliseconds patience) {
  if (metrics_) metrics_->stop(patience);
}

void Telemetry::stop(std::chrono::milliseconds patience) {
  stop_metrics(patience);
  if (spans_) spans_->stop(patience);
  if (pathways_) pathways_->stop(patience);
}

std::optional<SpanExportFigures> Telemetry::span_figures() const {
  return spans_ ? std::optional(spans_->figures()) : std::nullopt;
}

std::optional<MetricExportFigures> Telemetry::metric_figures() const {
  return metrics_ ? std::optional(metrics_->figures()) : std::nullopt;
}

std::optional<PathwayExportFigures> Telemetry::pathway_figures() const {
  return pathways_ ? std::optional(pathways_->figures()) : std::nullopt;
}

}  // namespace longspan
