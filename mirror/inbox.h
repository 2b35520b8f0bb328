// mirror/inbox.h - the one way a value goes from thread to thread: a bounded queue.
//
// Threads: post() from anywhere; take_all() from the owner.
// Limits:  `capacity` values; post() answers false above it and the value is dropped.
#pragma once

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace longspan {

template <class T>
class Inbox {
 public:
  explicit Inbox(std::size_t capacity) : capacity_(capacity) {}

  [[nodiscard]] bool post(T value) {
    const std::lock_guard lock(mutex_);
    if (values_.size() >= capacity_) return false;
    values_.push_back(std::move(value));
    return true;
  }

  [[nodiscard]] std::vector<T> take_all() {
    const std::lock_guard lock(mutex_);
    return std::exchange(values_, {});
  }

 private:
  const std::size_t capacity_;
  std::mutex mutex_;
  std::vector<T> values_;
};

}  // namespace longspan
