// cli/http/worker_pool.h - a few threads and a short queue of jobs before them.
//
// Limits:  waiting_max jobs; submit() waits while the queue is full, so that whoever accepts
//          connections leaves them to the kernel's backlog meanwhile.
// Errors:  a thread that cannot be started throws std::system_error from the constructor.
// Threads: submit() from any thread. finish() once: runs what was submitted, then joins.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace longspan {

class WorkerPool {
 public:
  using Job = std::function<void()>;

  WorkerPool(std::size_t threads, std::size_t waiting_max) : waiting_max_(waiting_max) {
    try {
      for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
    } catch (...) {
      finish();  // else the threads that did start would wait for ever
      throw;
    }
  }
  ~WorkerPool() { finish(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void submit(Job job) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return jobs_.size() < waiting_max_; });
    jobs_.push_back(std::move(job));
    work_.notify_one();
  }

  void finish() {
    {
      const std::lock_guard lock(mutex_);
      finishing_ = true;
    }
    work_.notify_all();
    for (auto& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      work_.wait(lock, [this] { return finishing_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      const Job job = std::move(jobs_.front());
      jobs_.pop_front();
      room_.notify_one();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable room_;
  std::deque<Job> jobs_;
  bool finishing_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace longspan
