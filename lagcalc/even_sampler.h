// lagcalc/even_sampler.h - which of a stream's records are looked at: all of them up to a budget,
// then every n-th.
//
//   records in a window:  few      . . . . . . .      each is taken, and stands for itself
//                         many     . - - - . - - -    one of n, and stands for n
//
// What is taken in a window is within its budget, but for the window in which a rise begins: there
// n is doubled each time the budget is used up, so that such a window takes at most log2 of the
// rise times half a budget more.
//
// Units:   records; the budget is per second; `now` of a clock that does not step.
// Errors:  none.
// Threads: a value of one thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace longspan {

class EvenSampler {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds kWindow{100};

  // 0: none is ever taken.
  explicit EvenSampler(std::int64_t per_second)
      : budget_(std::max<std::int64_t>(per_second * kWindow.count() / 1000, per_second > 0)) {}

  // For how many records this one stands; 0: it is not looked at. `now` may be that of a batch.
  [[nodiscard]] std::int64_t take(Steady now) {
    if (now - window_since_ >= kWindow) begin_window(now);
    ++seen_;
    if (budget_ == 0 || --until_next_ > 0) return 0;
    if (++taken_ > budget_) {
      every_ *= 2;
      taken_ = budget_ / 2;
    }
    until_next_ = every_;
    return every_;
  }

 private:
  // The last window says how many the next may hold. Of one that was long its even part.
  void begin_window(Steady now) {
    const auto windows = std::max<std::int64_t>((now - window_since_) / kWindow, 1);
    const std::int64_t expected = seen_ / windows;
    every_ = budget_ == 0 ? 1 : std::max<std::int64_t>((expected + budget_ - 1) / budget_, 1);
    until_next_ = std::min(until_next_, every_);
    window_since_ = now;
    seen_ = 0;
    taken_ = 0;
  }

  std::int64_t budget_;  // of a window
  Steady window_since_{};
  std::int64_t seen_ = 0;
  std::int64_t taken_ = 0;
  std::int64_t every_ = 1;
  std::int64_t until_next_ = 1;
};

}  // namespace longspan
