// tracing/export/span_queue.h - spans that wait to be sent; when there are too many the oldest go.
//
// Units:   bytes are an estimate of what spans hold in memory.
// Errors:  none; what is dropped is counted.
// Threads: a value of one thread; whoever shares it guards it.
// Limits:  spans_max and bytes_max; the newest span is always taken, however large.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "tracing/spans/span.h"

namespace longspan {

[[nodiscard]] std::size_t approximate_bytes(const Span& span);

struct SpanQueueLimits {
  std::size_t spans_max = 2'048;
  std::size_t bytes_max = std::size_t{16} * 1024 * 1024;
};

class SpanQueue {
 public:
  explicit SpanQueue(const SpanQueueLimits& limits) : limits_(limits) {}

  void push(Span span);
  // The oldest ones, in their order, at most so many.
  [[nodiscard]] std::vector<Span> take(std::size_t spans_max);

  [[nodiscard]] std::size_t size() const { return waiting_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  struct Waiting {
    Span span;
    std::size_t bytes;
  };
  SpanQueueLimits limits_;
  std::deque<Waiting> waiting_;
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace longspan
