// tracing/export/exporter.h - spans on their way out: queued, batched, sent, sent again or given
// up.
//
// push() never waits, and what a collector that is down costs is bounded: the queue drops its
// oldest spans, a batch its attempts. Every span that was pushed is in exactly one of the counts,
// or waits.
//
// Units:   spans, where nothing else is said.
// Errors:  none; what failed last is told in words.
// Threads: push(), counts(), waiting() and last_problem() from any, none of them waits for long;
//          step() and finish() from one, which they keep as long as the transport does: not from
//          one that moves records.
// Limits:  those of SpanQueue; one batch of spans beside it.
// Source:  OpenTelemetry SDK, "Batching processor"; OTLP/HTTP.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <random>
#include <string>

#include "tracing/export/batch.h"
#include "tracing/export/export_figures.h"
#include "tracing/export/export_settings.h"
#include "tracing/export/otlp_answer.h"
#include "tracing/export/retry.h"
#include "tracing/export/span_queue.h"
#include "tracing/export/transport.h"

namespace longspan {

class SpanExporter {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Now {
    SteadyTime steady;
    std::chrono::sys_seconds wall;
  };
  using NowFunction = std::function<Now()>;

  // `origin` with the settings' resource is told with every request.
  SpanExporter(const ExportSettings& settings, SpanOrigin origin, ExportTransport& transport,
               std::uint64_t seed, const RetryPolicy& retry = {});

  // Whether step() has more to do than it knew: a first span, or a full batch.
  bool push(Span span, SteadyTime now);
  // Sends what is due, one request at most, and tells when to call again; absent: nothing waits.
  // A wait for the next attempt begins when the answer is there.
  [[nodiscard]] std::optional<SteadyTime> step(const NowFunction& now);
  // One more attempt for everything that waits, as long as there is time.
  void finish(SteadyTime until, const NowFunction& now);

  [[nodiscard]] ExportCounts counts() const;
  [[nodiscard]] std::size_t waiting() const;
  // What the last request that was not wholly accepted was told; empty: there was none.
  [[nodiscard]] std::string last_problem() const;

 private:
  [[nodiscard]] std::optional<SteadyTime> due() const;
  void fill_batches();
  [[nodiscard]] AfterSend send_front(const NowFunction& now);
  void send_last(const NowFunction& now);
  void give_up_waiting();
  [[nodiscard]] PartialSuccess partial_of(const CollectorAnswer& answer) const;
  void take_answer(const PartialSuccess& partial, std::size_t spans);  // with the lock
  void end_front();                                                    // with the lock

  const ExportSettings settings_;
  SpanOrigin origin_;
  ExportTransport& transport_;
  const RetryPolicy retry_;
  // Of the thread that steps.
  std::mt19937_64 random_;
  std::deque<Batch> batches_;
  int attempts_ = 0;  // of the front batch
  std::optional<SteadyTime> again_at_;

  mutable std::mutex mutex_;  // over what follows
  SpanQueue queue_;
  std::size_t batched_ = 0;              // spans in batches_
  std::optional<SteadyTime> oldest_at_;  // when the queue was empty before
  ExportCounts counts_;
  std::string problem_;
};

}  // namespace longspan
