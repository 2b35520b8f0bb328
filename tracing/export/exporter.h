// tracing/export/exporter.h - spans on their way out: queued, batched, sent, sent again or given
// up.
//
// push() never waits, and what a collector that is down costs is bounded: the queue drops its
// oldest spans, a batch its attempts. Every span that was pushed is in exactly one of the counts,
// or waits.
//
// Units:   spans, where nothing else is said.
// Errors:  none; what failed last is told in words.
// Threads: a value of one thread. step() calls the transport, which blocks: that thread must not be
//          one that moves records.
// Limits:  those of SpanQueue; one batch of spans beside it.
// Source:  OpenTelemetry SDK, "Batching processor"; OTLP/HTTP.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>

#include "tracing/export/batch.h"
#include "tracing/export/export_settings.h"
#include "tracing/export/retry.h"
#include "tracing/export/span_queue.h"
#include "tracing/export/transport.h"

namespace longspan {

struct ExportCounts {
  std::uint64_t pushed = 0;
  std::uint64_t sent = 0;             // accepted, rejected ones left out
  std::uint64_t rejected = 0;         // by a partial success
  std::uint64_t dropped_full = 0;     // the queue was full
  std::uint64_t dropped_refused = 0;  // answered with what is not sent again
  std::uint64_t dropped_tried = 0;    // attempts_max was reached, or the end came
  std::uint64_t dropped_large = 0;    // larger than a request may be
  std::uint64_t attempts = 0;         // requests
  std::uint64_t failures = 0;         // requests that were not accepted
  friend bool operator==(const ExportCounts&, const ExportCounts&) = default;
};

class SpanExporter {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Now {
    SteadyTime steady;
    std::chrono::sys_seconds wall;
  };

  // `origin` with the settings' resource is told with every request.
  SpanExporter(const ExportSettings& settings, SpanOrigin origin, ExportTransport& transport,
               std::uint64_t seed, const RetryPolicy& retry = {});

  void push(Span span, SteadyTime now);
  // Sends what is due, one request at most, and tells when to call again; absent: nothing waits.
  [[nodiscard]] std::optional<SteadyTime> step(const Now& now);
  // One more attempt for everything that waits, as long as there is time: `now()` tells it.
  template <class NowFunction>
  void finish(SteadyTime until, const NowFunction& now) {
    while (has_waiting()) {
      const Now at = now();
      if (at.steady >= until) break;
      send_last(at);
    }
    give_up_waiting();
  }

  [[nodiscard]] ExportCounts counts() const;
  [[nodiscard]] std::size_t waiting() const { return queue_.size() + batched_; }
  // What the last request that was not wholly accepted was told; empty: there was none.
  [[nodiscard]] const std::string& last_problem() const { return problem_; }

 private:
  [[nodiscard]] bool has_waiting() const { return waiting() > 0; }
  [[nodiscard]] std::optional<SteadyTime> due() const;
  void fill_batches();
  [[nodiscard]] AfterSend send_front(const Now& now);
  void send_last(const Now& now);
  void give_up_waiting();
  void take_answer(const HttpAnswer& answer, std::size_t spans);
  void end_front();

  ExportSettings settings_;
  SpanOrigin origin_;
  ExportTransport& transport_;
  RetryPolicy retry_;
  std::mt19937_64 random_;
  SpanQueue queue_;
  std::deque<Batch> batches_;
  std::size_t batched_ = 0;              // spans in batches_
  int attempts_ = 0;                     // of the front batch
  std::optional<SteadyTime> oldest_at_;  // when the queue was empty before
  std::optional<SteadyTime> again_at_;
  ExportCounts counts_;
  std::string problem_;
};

}  // namespace longspan
