// mirror/marker_rest.h - how long a producer best waits between a commit and its next record.
//
// The coordinator answers a commit before the markers of the transaction are written, and refuses
// to add partitions to the next one until they are; the client library asks again after a fixed
// 20 ms. A record that waits for the markers, some milliseconds, is there sooner. How long they
// take is the cluster's, so what is best is tried out: the time from the commit's answer to the
// first acknowledgement after it, smoothed, for each of a few waits.
//
// Units:   std::chrono durations.
// Errors:  none.
// Threads: a value of one thread.
// Source:  CONCURRENT_TRANSACTIONS in KIP-98; the library's wait in rdkafka_txnmgr.c (2.14.2).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

namespace longspan {

class MarkerRest {
 public:
  using Duration = std::chrono::steady_clock::duration;
  static constexpr std::array<std::chrono::milliseconds, 4> kRests{
      std::chrono::milliseconds(0), std::chrono::milliseconds(2), std::chrono::milliseconds(5),
      std::chrono::milliseconds(10)};
  static constexpr int kTryEvery = 16;  // transactions; the others take what was best

  // For the next transaction.
  [[nodiscard]] Duration begin() {
    if (++count_ % kTryEvery == 0) {
      current_ = next_try_;
      next_try_ = (next_try_ + 1) % kRests.size();
    } else {
      current_ = best();
    }
    return kRests[current_];
  }
  // From the commit's answer to the first acknowledgement of the transaction behind it, where
  // records were waiting to be written.
  void took(Duration time) {
    const auto ms = std::chrono::duration<double, std::milli>(time).count();
    auto& known = took_ms_[current_];
    known = known ? *known + (ms - *known) / 4 : ms;
  }

 private:
  // One that was never tried first.
  [[nodiscard]] std::size_t best() const {
    std::size_t best = 0;
    for (std::size_t i = 0; i < kRests.size(); ++i) {
      if (!took_ms_[i]) return i;
      if (*took_ms_[i] < *took_ms_[best]) best = i;
    }
    return best;
  }

  std::array<std::optional<double>, kRests.size()> took_ms_{};
  std::size_t current_ = 0;
  std::size_t next_try_ = 0;
  int count_ = 0;
};

}  // namespace longspan
