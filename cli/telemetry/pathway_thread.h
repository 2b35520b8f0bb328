// cli/telemetry/pathway_thread.h - the thread that tells an agent of checkpoints, and the sink that
// it takes them from.
//
// Errors:  into the log when sending begins to fail and when it goes on; every bucket in a count.
// Threads: push(), service() and the figures from any; the rest from the owner.
// Limits:  kBucketsMax that wait, beyond them the oldest goes; attempts as of spans.
// Owns:    its thread and the transport. stop() sends what waits once, as long as there is time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <stop_token>
#include <string>

#include "cli/telemetry/bounded_thread.h"
#include "cli/telemetry/span_thread.h"
#include "tracing/export/export_figures.h"
#include "tracing/pathways/pathway_payload.h"
#include "tracing/pathways/pathway_sink.h"

namespace longspan {

class PathwayThread final : public PathwaySink {
 public:
  static constexpr std::size_t kBucketsMax = 120;

  PathwayThread(std::string url, PathwayOrigin origin, const MakeTransport& make,
                std::uint64_t seed, const RetryPolicy& retry = {});
  ~PathwayThread() override { stop(std::chrono::milliseconds(0)); }

  [[nodiscard]] const PathwayService& service() const override { return origin_.service; }
  void push(PathwayBucket bucket) override;
  void stop(std::chrono::milliseconds patience) { thread_.stop(patience); }
  [[nodiscard]] PathwayExportFigures figures() const;

 private:
  void run(const std::stop_token& stop);
  void send_rest();
  [[nodiscard]] SendResult send(const PathwayBucket& bucket);
  // What became of the bucket that was sent; how long to wait.
  [[nodiscard]] std::chrono::milliseconds judge(const SendResult& result);
  void tell(bool is_failing, const SendResult& result);

  BoundedThread thread_;
  const std::string url_;
  const PathwayOrigin origin_;
  const RetryPolicy retry_;
  std::unique_ptr<ExportTransport> transport_;
  std::mt19937_64 random_;    // of the thread
  bool is_failing_ = false;   // the same
  int attempts_ = 0;          // the same: of the bucket in hand
  mutable std::mutex mutex_;  // over what follows
  std::condition_variable_any pushed_;
  std::deque<PathwayBucket> waiting_;
  PathwayExportFigures figures_;
};

}  // namespace longspan
