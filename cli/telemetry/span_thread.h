// cli/telemetry/span_thread.h - the thread that sends spans, and the sink that it takes them from.
//
// Errors:  into the log when sending begins to fail, by something else, and when it goes on, and
//          what is dropped in the end; every span in a count.
// Threads: push() and the figures from any; the rest from the owner.
// Limits:  those of SpanExporter.
// Owns:    its thread and the transport. stop() sends what waits once, as long as there is time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include "cli/telemetry/bounded_thread.h"
#include "tracing/export/export_figures.h"
#include "tracing/export/exporter.h"
#include "tracing/export/span_sink.h"

namespace longspan {

// What has send() answer at once when its argument says so.
using MakeTransport = std::function<std::unique_ptr<ExportTransport>(std::stop_token)>;

class SpanThread final : public SpanSink {
 public:
  SpanThread(const ExportSettings& settings, SpanOrigin origin, const MakeTransport& make,
             std::uint64_t seed, const RetryPolicy& retry = {});
  ~SpanThread() override;

  void push(Span span) override;
  void stop(std::chrono::milliseconds patience) { thread_.stop(patience); }
  [[nodiscard]] SpanExportFigures figures() const;

 private:
  void run(const std::stop_token& stop);
  void tell(const ExportCounts& before);

  BoundedThread thread_;
  std::unique_ptr<ExportTransport> transport_;
  SpanExporter exporter_;
  std::string failing_by_;  // of the thread; empty: what was sent last was accepted
  std::mutex mutex_;        // over what follows
  std::condition_variable_any pushed_;
  bool has_pushed_ = false;
};

}  // namespace longspan
