// lagcalc/even_sampler.h - which of a stream's records are looked at: all of them up to a budget,
// then one of each n.
//
//   records in a window:  few      . . . . . . . . .      each is taken, and stands for itself
//                         many     - . - | . - - | - - .  one of n, anywhere among them: for n
//
// Anywhere: streams have a rhythm (a delete and its tombstone, transactions of one size), and every
// n-th record would be the same beat of it for ever.
//
// What is taken in a window is within its budget, but for the window in which a rise begins: there
// n is doubled each time the budget is used up, so that such a window takes at most log2 of the
// rise times half a budget more. A record that is dear to look at counts as several: charge().
//
// Units:   records; the budget is per second; `now` of a clock that does not step.
// Errors:  none.
// Threads: a value of one thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
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
    if (budget_ == 0) return 0;
    if (left_ == 0) begin_group();
    --left_;
    if (--until_taken_ != 0) return 0;
    ++spent_;
    ++taken_;
    ++cost_;
    return group_;
  }
  // What was taken last costs as much as so many records more.
  void charge(std::int64_t more) {
    spent_ += more;
    cost_ += more;
  }

 private:
  // The last window says how many the next may hold, of one that was long its even part, and what
  // looking at one costs.
  void begin_window(Steady now) {
    const auto windows = std::max<std::int64_t>((now - window_since_) / kWindow, 1);
    if (taken_ > 0) each_costs_ = static_cast<double>(cost_) / static_cast<double>(taken_);
    const double expected = static_cast<double>(seen_ / windows) * each_costs_;
    every_ = budget_ == 0 ? 1 : static_cast<std::int64_t>(std::ceil(expected / budget()));
    every_ = std::max<std::int64_t>(every_, 1);
    if (every_ < group_) left_ = 0;  // its rest is too much, or its record is not to be waited for
    window_since_ = now;
    seen_ = taken_ = cost_ = spent_ = 0;
  }
  void begin_group() {
    if (spent_ >= budget_) {
      every_ *= 2;
      spent_ = budget_ / 2;
    }
    group_ = left_ = every_;
    until_taken_ = 1 + static_cast<std::int64_t>(draw() % static_cast<std::uint64_t>(group_));
  }
  // Numbers without a rhythm, the same ones in each process (splitmix64).
  [[nodiscard]] std::uint64_t draw() {
    std::uint64_t mixed = drawn_ += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }
  [[nodiscard]] double budget() const { return static_cast<double>(budget_); }

  std::int64_t budget_;  // of a window
  Steady window_since_{};
  std::int64_t seen_ = 0;
  std::int64_t taken_ = 0;
  std::int64_t cost_ = 0;   // of those
  std::int64_t spent_ = 0;  // the same, since n was doubled
  double each_costs_ = 1;
  std::int64_t every_ = 1;
  std::int64_t group_ = 1;        // n as it was when this group began
  std::int64_t left_ = 0;         // of the group
  std::int64_t until_taken_ = 0;  // below 1: the group's was
  std::uint64_t drawn_ = 0;
};

}  // namespace longspan
