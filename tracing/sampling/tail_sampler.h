// tracing/sampling/tail_sampler.h - the records that are worth a look, known when they are done:
// the slowest of each window, and those that failed.
//
// T is whatever is kept of a record (its times, its spans). Ask wants() before making one: most
// records are neither slow nor failed.
//
// Units:   latencies in nanoseconds; negative ones are kept as they are, and are the fastest.
// Errors:  none. Failed records beyond the limit are dropped and counted.
// Threads: a value of one thread; `now` is an argument. Records are of the window in which they are
//          offered: call take_if_over() first.
// Limits:  slowest_max + failed_max of T.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace longspan {

struct TailPolicy {
  std::size_t slowest_max = 10;
  std::size_t failed_max = 100;
  std::chrono::steady_clock::duration window = std::chrono::seconds(60);
};

template <class T>
class TailSampler {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  struct Kept {
    std::vector<T> slowest;  // the slowest first; of equal ones the first that came
    std::vector<T> failed;   // in their order
    std::uint64_t failed_dropped = 0;
  };

  TailSampler(const TailPolicy& policy, SteadyTime now) : policy_(policy), begun_(now) {}

  // An absent latency is of a record that failed before it had one, or that has no commit time.
  [[nodiscard]] bool wants(std::optional<std::int64_t> latency_ns, bool has_failed) const {
    if (has_failed) return true;
    if (!latency_ns || policy_.slowest_max == 0) return false;
    return heap_.size() < policy_.slowest_max || *latency_ns > heap_.front().latency_ns;
  }

  // A failed record takes no place of the slowest.
  void offer(std::optional<std::int64_t> latency_ns, bool has_failed, T record) {
    if (!wants(latency_ns, has_failed)) return;
    if (has_failed) {
      if (kept_.failed.size() < policy_.failed_max) {
        kept_.failed.push_back(std::move(record));
      } else {
        ++kept_.failed_dropped;
      }
      return;
    }
    if (heap_.size() == policy_.slowest_max) {
      std::pop_heap(heap_.begin(), heap_.end(), is_slower);
      heap_.pop_back();
    }
    heap_.push_back({*latency_ns, sequence_++, std::move(record)});
    std::push_heap(heap_.begin(), heap_.end(), is_slower);
  }

  // What was kept, once a window's time is over; the next one begins on the same grid.
  [[nodiscard]] std::optional<Kept> take_if_over(SteadyTime now) {
    if (now - begun_ < policy_.window) return std::nullopt;
    begun_ = now - (now - begun_) % policy_.window;
    return take();
  }
  // What was kept so far: at the end.
  [[nodiscard]] Kept take() {
    std::sort(heap_.begin(), heap_.end(), is_slower);
    kept_.slowest.reserve(heap_.size());
    for (Slow& each : heap_) kept_.slowest.push_back(std::move(each.record));
    heap_.clear();
    return std::exchange(kept_, {});
  }
  [[nodiscard]] std::size_t size() const { return heap_.size() + kept_.failed.size(); }

 private:
  struct Slow {
    std::int64_t latency_ns;
    std::uint64_t sequence;
    T record;
  };
  // As the order of a heap it puts the fastest in front: the one to give up.
  static bool is_slower(const Slow& a, const Slow& b) {
    if (a.latency_ns != b.latency_ns) return a.latency_ns > b.latency_ns;
    return a.sequence < b.sequence;
  }

  TailPolicy policy_;
  SteadyTime begun_;
  std::uint64_t sequence_ = 0;
  std::vector<Slow> heap_;
  Kept kept_;
};

}  // namespace longspan
