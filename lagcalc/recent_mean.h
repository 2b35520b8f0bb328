// lagcalc/recent_mean.h - the mean of what came lately, by count and not by time: who stands still
// keeps it.
//
// Units:   the caller's.
// Errors:  none. Absent until something came; a count that is not positive is left out.
// Threads: a value.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace longspan {

class RecentMean {
 public:
  // What came before so many has little weight, some third of it.
  static constexpr std::int64_t kWindow = 10'000;

  void add(std::int64_t count, std::int64_t sum) {
    if (count <= 0) return;
    count_ = std::min(count_ + std::min(count, kWindow), kWindow);
    const double share =
        static_cast<double>(std::min(count, kWindow)) / static_cast<double>(count_);
    const double mean = static_cast<double>(sum) / static_cast<double>(count);
    mean_ = mean_.value_or(mean) + share * (mean - mean_.value_or(mean));
  }
  [[nodiscard]] std::optional<double> mean() const { return mean_; }

 private:
  std::int64_t count_ = 0;  // up to kWindow
  std::optional<double> mean_;
};

}  // namespace longspan
