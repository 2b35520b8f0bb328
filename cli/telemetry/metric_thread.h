// cli/telemetry/metric_thread.h - the thread that sends metrics.
//
// Errors:  into the log when sending begins to fail and when it goes on.
// Threads: `collect` is called by the thread; figures() from any; the rest from the owner, start()
//          once.
// Owns:    its thread and the transport. stop() sends what is there then, as long as there is time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "cli/telemetry/bounded_thread.h"
#include "cli/telemetry/span_thread.h"
#include "tracing/metric_export/metric_exporter.h"

namespace longspan {

class MetricThread {
 public:
  MetricThread(const ExportSettings& settings, SpanOrigin origin, const MakeTransport& make,
               MetricExporter::Collect collect, UnixNs started_at, std::uint64_t seed,
               const RetryPolicy& retry = {});
  ~MetricThread() { stop(std::chrono::milliseconds(0)); }
  MetricThread(const MetricThread&) = delete;
  MetricThread& operator=(const MetricThread&) = delete;

  void start();
  void stop(std::chrono::milliseconds patience) { thread_.stop(patience); }
  [[nodiscard]] MetricExportFigures figures() const { return exporter_.figures(); }

 private:
  void run(const std::stop_token& stop);
  void tell(const MetricExportFigures& before);

  BoundedThread thread_;
  std::unique_ptr<ExportTransport> transport_;
  MetricExporter exporter_;
  bool is_failing_ = false;  // of the thread
  std::mutex mutex_;
  std::condition_variable_any never_;  // but by a request to stop
};

}  // namespace longspan
