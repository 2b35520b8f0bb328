#include "cli/telemetry/metric_thread.h"

#include <utility>

#include "tracing/log.h"

namespace longspan {
namespace {

MetricExporter::Now read_clocks() {
  const auto wall = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  return {std::chrono::steady_clock::now(), {static_cast<std::uint64_t>(wall.count())}};
}

}  // namespace

MetricThread::MetricThread(const ExportSettings& settings, SpanOrigin origin,
                           const MakeTransport& make, MetricExporter::Collect collect,
                           UnixNs started_at, std::uint64_t seed, const RetryPolicy& retry)
    : transport_(make(thread_.broken_off())),
      exporter_(settings, std::move(origin), *transport_, std::move(collect),
                {std::chrono::steady_clock::now(), started_at}, seed, retry) {}

void MetricThread::start() {
  thread_.start([this](const std::stop_token& stop) { run(stop); });
}

void MetricThread::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const MetricExportFigures before = exporter_.figures();
    const auto next = exporter_.step(read_clocks);
    tell(before);
    std::unique_lock lock(mutex_);
    static_cast<void>(never_.wait_until(lock, stop, next, [] { return false; }));
  }
  exporter_.finish(thread_.deadline(), read_clocks);
}

void MetricThread::tell(const MetricExportFigures& before) {
  const MetricExportFigures now = exporter_.figures();
  const bool is_failing = now.failures > before.failures;
  if (now.attempts == before.attempts || is_failing == is_failing_) return;
  is_failing_ = is_failing;
  if (is_failing) {
    log_warn("metrics_not_sent", {{"error", exporter_.last_problem()}});
  } else {
    log_info("metrics_sent_again", {{"points", now.sent}});
  }
}

}  // namespace longspan
