// mirror/schemas/workers.h - the same call for many items, several at once.
//
// Registries answer in milliseconds and one request after the other would take minutes: sixteen at
// once are what a registry's clients do to it anyway.
//
// Errors:  the first exception that the work throws, once all threads have ended. Where the machine
//          gives no more threads, fewer do the work.
// Threads: both functions start up to `threads`, their caller's among them, and have joined the
//          others when they return.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace longspan {

// serve() on each thread; it returns when nothing is left to do.
template <class Serve>
void serve_at_once(std::size_t threads, const Serve& serve) {
  std::mutex mutex;
  std::exception_ptr failure;
  const auto guarded = [&] {
    try {
      serve();
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    try {
      for (std::size_t i = 1; i < threads; ++i) others.emplace_back(guarded);
    } catch (const std::exception&) {  // std::system_error, std::bad_alloc: fewer must do
    }
    guarded();
  }
  if (failure) std::rethrow_exception(failure);
}

// work(i) for each i below `count`, each once, in no order; none is begun after one has thrown.
template <class Work>
void for_each_at_once(std::size_t count, int threads, const Work& work) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> has_failed{false};
  const auto serve = [&] {
    for (std::size_t i = next++; i < count && !has_failed; i = next++) {
      try {
        work(i);
      } catch (...) {
        has_failed = true;
        throw;
      }
    }
  };
  serve_at_once(std::min<std::size_t>(static_cast<std::size_t>(threads), count), serve);
}

}  // namespace longspan
