// tracing/metric_export/metric_exporter.h - metrics on their way out: looked at in intervals, sent,
// sent again while their interval lasts.
//
// What a collector that is down costs is bounded: nothing waits but the points of one look, and the
// next look says the same and more. Times of looks lie on multiples of the interval from the start
// on; those that fall into a request or a wait that the collector asked for are left out.
//
// Units:   points.
// Errors:  none; what failed last is told in words.
// Threads: figures() and last_problem() from any; step() and finish() from one, which they keep as
//          long as `collect` and the transport do.
// Source:  OpenTelemetry SDK, "Periodic exporting MetricReader"; OTLP/HTTP.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tracing/export/export_figures.h"
#include "tracing/export/retry.h"
#include "tracing/export/transport.h"
#include "tracing/metric_export/metric_series.h"
#include "tracing/metric_export/otlp_metrics.h"

namespace longspan {

class MetricExporter {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Now {
    SteadyTime steady;
    UnixNs wall;
  };
  using NowFunction = std::function<Now()>;
  using Collect = std::function<MetricSet()>;

  // Counters begin with the process, at begin.wall; the first interval at begin.steady.
  MetricExporter(const ExportSettings& settings, SpanOrigin origin, ExportTransport& transport,
                 Collect collect, const Now& begin, std::uint64_t seed,
                 const RetryPolicy& retry = {});

  // Sends what is due, one request at most, and tells when to call again.
  [[nodiscard]] SteadyTime step(const NowFunction& now);
  // A last look, each of its requests once, as long as there is time.
  void finish(SteadyTime until, const NowFunction& now);

  [[nodiscard]] MetricExportFigures figures() const;
  // What the last request that was not wholly accepted was told; empty: there was none.
  [[nodiscard]] std::string last_problem() const;

 private:
  void look(UnixNs now);
  [[nodiscard]] Verdict send_front(const NowFunction& now);
  void take_answer(const CollectorAnswer& answer, const Batch& batch);
  void end_look(SteadyTime not_before);
  [[nodiscard]] SteadyTime next_look() const { return look_at_ + settings_.schedule_delay; }

  const ExportSettings settings_;
  SpanOrigin origin_;
  ExportTransport& transport_;
  const Collect collect_;
  const RetryPolicy retry_;
  // Of the thread that steps.
  std::mt19937_64 random_;
  MetricSeries series_;
  std::vector<MetricPoint> points_;  // of the last look
  std::deque<Batch> batches_;        // of them, not sent yet
  int attempts_ = 0;                 // of the front batch
  SteadyTime look_at_;               // this look, while batches wait; else the next one
  SteadyTime again_at_;              // the next attempt

  mutable std::mutex mutex_;  // over what follows
  MetricExportFigures figures_;
  std::string problem_;
};

}  // namespace longspan
