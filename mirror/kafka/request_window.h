// mirror/kafka/request_window.h - how much of one partition the library gets at a time.
//
// Its idempotent producer has one request of a partition out, and while other records of it wait
// longer than they may linger, its thread polls without a pause: a third of all our CPU where the
// target is the bottleneck (librdkafka, rd_kafka_toppar_producer_serve: messages in flight are
// compared with a limit of requests). So it gets what fits into one request, and no more before
// that is answered.
//
// Threads: a value of the sink's thread.
#pragma once

#include <cstdint>

namespace longspan::kafka {

class RequestWindow {
 public:
  // A request is sent at once when it has so many; handing them over is quicker than lingering.
  static constexpr std::int64_t kRecordsMax = 4000;

  // One record always fits, however large.
  [[nodiscard]] bool fits(std::int64_t bytes, std::int64_t bytes_max) const {
    if (records_ == 0) return true;
    return is_open_ && records_ < kRecordsMax && bytes_ + bytes <= bytes_max;
  }
  void hand_over(std::int64_t bytes) {
    ++records_;
    bytes_ += bytes;
  }
  // Something had to wait: nothing more goes until all that is out was answered.
  void close() { is_open_ = false; }
  void take_back(std::int64_t bytes) {
    if (records_ == 0) return;  // of a writer before
    --records_;
    bytes_ -= bytes;
    if (records_ == 0) is_open_ = true;
  }
  [[nodiscard]] bool is_empty() const { return records_ == 0; }

 private:
  std::int64_t records_ = 0;
  std::int64_t bytes_ = 0;
  bool is_open_ = true;
};

}  // namespace longspan::kafka
