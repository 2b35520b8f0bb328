// cli/demo/readers.h - the two who read the target: a sink group that commits, and the comparer.
//
// Errors:  a reader that fails ends; failure() says why.
// Threads: one of its own each; figures() may be called from anywhere.
// Owns:    their EmbeddedReader. Comparer and backlog outlive them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cli/demo/backlog.h"
#include "cli/demo/comparer.h"
#include "cli/demo/latencies.h"
#include "cli/demo/shop.h"
#include "mirror/kafka/embedded_cluster.h"
#include "mirror/topics/naming.h"

namespace longspan::demo {

inline constexpr const char* kSinkGroup = "warehouse-sink";

// Which stream a partition of the target holds.
class TargetStreams {
 public:
  explicit TargetStreams(const Naming& naming);
  // Absent: not one of ours.
  [[nodiscard]] std::optional<std::size_t> find(const TopicPartition& target) const;
  [[nodiscard]] std::vector<TopicPartition> partitions() const;
  [[nodiscard]] std::vector<std::string> topics() const;

 private:
  std::map<TopicPartition, std::size_t> streams_;
};

// Polls and hands over until stopped.
class ReaderLoop {
 public:
  using Take = std::function<void(std::size_t stream, const ReadRecord&)>;
  ReaderLoop(std::unique_ptr<EmbeddedReader> reader, const TargetStreams& streams, Take take);
  ~ReaderLoop() { stop(); }
  // Commits every so often when asked to.
  void start(std::optional<std::chrono::milliseconds> commit_interval);
  void stop();
  [[nodiscard]] std::optional<Error> failure() const;

 private:
  void run(const std::stop_token& stop, std::optional<std::chrono::milliseconds> commit_interval);

  const std::unique_ptr<EmbeddedReader> reader_;
  const TargetStreams& streams_;
  const Take take_;
  mutable std::mutex mutex_;
  std::optional<Error> failure_;  // protected by mutex_
  std::jthread thread_;
};

// Measures receipt minus source.ts_us: both ends of that are the host's one clock.
class Sink {
 public:
  Sink(Backlog& backlog) : backlog_(backlog), last_commit_us_(streams().size()) {}
  void take(std::size_t stream, const ReadRecord& record);
  // By source topic.
  [[nodiscard]] std::map<std::string, Latencies> figures() const;

 private:
  [[nodiscard]] std::optional<std::int64_t> commit_us(std::size_t stream,
                                                      const OwnedRecord& record);

  Backlog& backlog_;
  std::vector<std::optional<std::int64_t>> last_commit_us_;  // the reader thread's own
  mutable std::mutex mutex_;
  std::map<std::string, Latencies> figures_;  // protected by mutex_
};

// The WAL sequence number in a record's payload.
[[nodiscard]] std::optional<std::int64_t> lsn_of(std::size_t stream, const OwnedRecord& record);
// Seconds of the steady clock: what Latencies counts by.
[[nodiscard]] std::int64_t steady_seconds();

}  // namespace longspan::demo
