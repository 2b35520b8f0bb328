#include "cli/telemetry/span_thread.h"

#include <utility>

#include "tracing/log.h"

namespace longspan {
namespace {

SpanExporter::Now read_clocks() {
  return {std::chrono::steady_clock::now(),
          std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
}

std::uint64_t dropped(const ExportCounts& counts) {
  return counts.dropped_full + counts.dropped_refused + counts.dropped_tried + counts.dropped_large;
}

}  // namespace

SpanThread::SpanThread(const ExportSettings& settings, SpanOrigin origin, const MakeTransport& make,
                       std::uint64_t seed, const RetryPolicy& retry)
    : transport_(make(thread_.broken_off())),
      exporter_(settings, std::move(origin), *transport_, seed, retry) {
  thread_.start([this](const std::stop_token& stop) { run(stop); });
}

SpanThread::~SpanThread() { stop(std::chrono::milliseconds(0)); }

void SpanThread::push(Span span) {
  if (!exporter_.push(std::move(span), std::chrono::steady_clock::now())) return;
  const std::lock_guard lock(mutex_);
  has_pushed_ = true;
  pushed_.notify_one();
}

void SpanThread::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const ExportCounts before = exporter_.counts();
    const auto next = exporter_.step(read_clocks);
    tell(before);
    std::unique_lock lock(mutex_);
    const auto is_pushed = [this] { return has_pushed_; };
    if (next) {
      static_cast<void>(pushed_.wait_until(lock, stop, *next, is_pushed));
    } else {
      static_cast<void>(pushed_.wait(lock, stop, is_pushed));
    }
    has_pushed_ = false;
  }
  const std::uint64_t before = dropped(exporter_.counts());
  exporter_.finish(thread_.deadline(), read_clocks);
  const std::uint64_t lost = dropped(exporter_.counts()) - before;
  if (lost > 0) log_warn("spans_dropped", {{"spans", lost}, {"error", exporter_.last_problem()}});
}

void SpanThread::tell(const ExportCounts& before) {
  const ExportCounts counts = exporter_.counts();
  const bool is_failing = counts.failures > before.failures;
  if (counts.attempts == before.attempts) return;
  if (!is_failing) {
    if (!failing_by_.empty()) log_info("spans_sent_again", {{"sent", counts.sent}});
    failing_by_.clear();
  } else if (std::string now = exporter_.last_problem(); now != failing_by_) {
    log_warn("spans_not_sent", {{"error", now}});
    failing_by_ = std::move(now);
  }
}

SpanExportFigures SpanThread::figures() const { return {exporter_.counts(), exporter_.waiting()}; }

}  // namespace longspan
