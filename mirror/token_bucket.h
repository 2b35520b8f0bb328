// mirror/token_bucket.h - how much may be read now, where a rate bounds it.
//
// It fills at the rate up to one second's worth. What is spent is known only afterwards, so it may
// go below zero; then nothing is there until that is made up for, and the rate holds over time.
//
// Units:   bytes, bytes a second; a rate of 0 is no bound.
// Errors:  none; a clock that steps back fills nothing.
// Threads: a value of one thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace longspan {

class TokenBucket {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  // What is there stays, up to the new second's worth; a bound that is new begins full.
  void set_rate(double bytes_per_second, Steady now) {
    fill(now);
    level_ = rate_ > 0 ? std::min(level_, bytes_per_second) : bytes_per_second;
    rate_ = bytes_per_second;
    filled_at_ = now;
  }
  [[nodiscard]] double rate() const { return rate_; }

  // What may be read now, or is owed; absent: there is no bound.
  [[nodiscard]] std::optional<std::int64_t> level(Steady now) {
    if (rate_ <= 0) return std::nullopt;
    fill(now);
    return static_cast<std::int64_t>(level_);
  }
  void spend(std::int64_t bytes) {
    if (rate_ > 0) level_ -= static_cast<double>(bytes);
  }

 private:
  void fill(Steady now) {
    if (now <= filled_at_) return;
    const std::chrono::duration<double> passed = now - filled_at_;
    level_ = std::min(rate_, level_ + passed.count() * rate_);
    filled_at_ = now;
  }

  double rate_ = 0;
  double level_ = 0;
  Steady filled_at_{};
};

}  // namespace longspan
