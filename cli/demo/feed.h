// cli/demo/feed.h - the database's connector: writes the shop's change events at a steady rate.
//
// One transaction goes to one partition, at most kTransactionsPerSecond of them: the embedded
// cluster answers one batch per partition and fetch, so many small ones could not be read over a
// long line as fast as they are written.
//
// Units:   records per second.
// Errors:  a write that fails ends the feed; failure() says why.
// Threads: one of its own; the other calls may come from any thread.
// Owns:    its writer. Comparer and backlog outlive it.
// Limits:  waits while the backlog has no room.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "cli/demo/backlog.h"
#include "cli/demo/comparer.h"
#include "cli/demo/shop.h"
#include "mirror/kafka/embedded_cluster.h"

namespace longspan::demo {

class Feed {
 public:
  static constexpr std::int64_t kTransactionsPerSecond = 40;

  Feed(std::unique_ptr<EmbeddedWriter> writer, std::int64_t rate, Comparer& comparer,
       Backlog& backlog);
  ~Feed() { stop(); }

  void start();
  // Writes what was begun, waits until the cluster has it, ends the thread.
  void stop();

  // Records in the source's log, by stream.
  [[nodiscard]] std::vector<std::int64_t> written() const;
  [[nodiscard]] bool is_waiting() const { return is_waiting_; }
  [[nodiscard]] std::optional<Error> failure() const;

 private:
  using Steady = std::chrono::steady_clock;
  void run(const std::stop_token& stop);
  void write(const std::vector<ShopRecord>& records);
  void collect(std::chrono::milliseconds at_most);
  void fail_with(const Error& error);

  const std::unique_ptr<EmbeddedWriter> writer_;
  const std::int64_t rate_;
  Comparer& comparer_;
  Backlog& backlog_;
  Shop shop_;                 // the thread's own
  std::int64_t pending_ = 0;  // the thread's own: handed to the writer, not in the log yet

  mutable std::mutex mutex_;
  std::vector<std::int64_t> written_;  // protected by mutex_
  std::optional<Error> failure_;       // protected by mutex_
  std::atomic<bool> is_waiting_ = false;
  std::atomic<bool> has_failed_ = false;
  std::jthread thread_;
};

// Microseconds since the epoch.
[[nodiscard]] std::int64_t wall_clock_us();

}  // namespace longspan::demo
