// cli/telemetry/telemetry.h - what a process sends of itself: spans, metrics and pathways, each by
// a thread of its own, or nothing.
//
//   Telemetry telemetry(settings, pathways, {version, process_name(), started_at});
//   ports.spans = telemetry.spans();
//   telemetry.send_metrics([&] { return collect(process.snapshot(), figures()); });
//
// Errors:  none: nothing that a collector does reaches who calls this.
// Threads: spans(), pathways() and the figures from any, the rest from the owner.
// Owns:    its threads. stop_metrics() before what `collect` looks at goes, stop() after who pushes
//          has ended.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "cli/telemetry/metric_thread.h"
#include "cli/telemetry/pathway_thread.h"
#include "cli/telemetry/span_thread.h"
#include "lagcalc/units.h"
#include "tracing/export/telemetry_settings.h"
#include "tracing/pathways/pathway_settings.h"

namespace longspan {

// Who sends; service.version, service.instance.id, and what cumulative numbers begin with.
struct TelemetryOrigin {
  std::string version;
  std::string instance;
  TimestampMs started_at;
};

class Telemetry {
 public:
  Telemetry(TelemetrySettings settings, const PathwaySettings& pathways, TelemetryOrigin origin);
  ~Telemetry();
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  // Null: nobody wants any.
  [[nodiscard]] SpanSink* spans() const { return spans_.get(); }
  [[nodiscard]] PathwaySink* pathways() const { return pathways_.get(); }
  // Does nothing where nobody wants any.
  void send_metrics(MetricExporter::Collect collect);

  void stop_metrics(std::chrono::milliseconds patience);
  void stop(std::chrono::milliseconds patience);

  // Absent: not sent.
  [[nodiscard]] std::optional<SpanExportFigures> span_figures() const;
  [[nodiscard]] std::optional<MetricExportFigures> metric_figures() const;
  [[nodiscard]] std::optional<PathwayExportFigures> pathway_figures() const;

 private:
  const TelemetrySettings settings_;
  const TelemetryOrigin from_;
  std::unique_ptr<SpanThread> spans_;
  std::unique_ptr<MetricThread> metrics_;
  std::unique_ptr<PathwayThread> pathways_;
};

}  // namespace longspan
