// cli/telemetry/bounded_thread.h - a thread that is given so long to end, then what it waits for is
// broken off.
//
// Errors:  none.
// Threads: start() and stop() from the owner, each once.
// Owns:    its thread; the destructor stops it without patience.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace longspan {

class BoundedThread {
 public:
  using Steady = std::chrono::steady_clock;

  BoundedThread() = default;
  BoundedThread(const BoundedThread&) = delete;
  BoundedThread& operator=(const BoundedThread&) = delete;
  ~BoundedThread() { stop(std::chrono::milliseconds(0)); }

  // `body` ends soon after its stop_token says so, at the latest after broken_off() does.
  void start(std::function<void(const std::stop_token&)> body) {
    thread_ = std::jthread([this, body = std::move(body)](const std::stop_token& stop) {
      body(stop);
      const std::lock_guard lock(mutex_);
      has_ended_ = true;
      ended_.notify_all();
    });
  }
  [[nodiscard]] std::stop_token broken_off() const { return break_off_.get_token(); }
  // While it is stopped: when its patience ends.
  [[nodiscard]] Steady::time_point deadline() const {
    const std::lock_guard lock(mutex_);
    return deadline_;
  }

  void stop(std::chrono::milliseconds patience) {
    if (!thread_.joinable()) return;
    std::unique_lock lock(mutex_);
    deadline_ = Steady::now() + patience;
    thread_.request_stop();
    ended_.wait_until(lock, deadline_, [this] { return has_ended_; });
    lock.unlock();
    break_off_.request_stop();
    thread_.join();
  }

 private:
  std::stop_source break_off_;
  mutable std::mutex mutex_;  // over what follows
  std::condition_variable ended_;
  Steady::time_point deadline_;
  bool has_ended_ = false;
  std::jthread thread_;
};

}  // namespace longspan
