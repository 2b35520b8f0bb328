// lagcalc/rate.h - how fast a running total grows now, smoothed.
//
// Units:   per second; samples are (time, total). Only differences of time matter, so any clock
// that
//          does not step will do.
// Errors:  none. Absent until two samples at different times. Never negative: a total that fell or
// a
//          clock that went back starts the meter anew.
// Threads: a value.
#pragma once

#include <cstdint>
#include <optional>

#include "lagcalc/units.h"

namespace longspan {

class RateMeter {
 public:
  static constexpr double kDefaultWindowS = 30;
  // A change shows to 63 % after `window_s` seconds; > 0.
  explicit RateMeter(double window_s = kDefaultWindowS);

  void add(TimestampMs now, std::int64_t total);
  [[nodiscard]] std::optional<double> per_second() const { return rate_; }

 private:
  struct Sample {
    TimestampMs at;
    std::int64_t total = 0;
  };
  double window_s_;
  std::optional<Sample> last_;
  std::optional<double> rate_;
};

}  // namespace longspan
