// lagcalc/time_behind.h - how long ago a log ended where its reader is now.
//
// By the ends that were told and when, so by one clock alone, and also of records without a time.
// Between two ends that are kept the log is taken to have grown evenly; of a long lag they lie
// further apart. A reader that was behind the first end it was told of is at least so far behind.
//
// Units:   source offsets; milliseconds.
// Errors:  none. Absent until an end was told.
// Threads: a value.
// Limits:  kEndsMax ends.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "lagcalc/units.h"

namespace longspan {

class TimeBehind {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kEndsMax = 8;

  // The log ended there at `asked_at`; `position`: of the reader, then or later. Calls come in the
  // order of time.
  void end(Offset end, Offset position, Steady asked_at) {
    drop_passed(position);
    if (count_ == 0) return push({end, asked_at});
    End& newest = ends_[count_ - 1];
    if (end <= newest.end) {
      if (position >= newest.end) newest.at = asked_at;  // it still ends there
      return;
    }
    const bool is_next = count_ < 2 || newest.at - ends_[count_ - 2].at >= apart_;
    if (!is_next) {
      newest = {end, asked_at};
      return;
    }
    if (count_ == kEndsMax) thin_out();
    push({end, asked_at});
  }

  // 0: the reader passed every end that was told.
  [[nodiscard]] std::optional<std::int64_t> behind_ms(Offset position, Steady now) const {
    if (count_ == 0) return std::nullopt;
    if (position >= ends_[count_ - 1].end) return 0;
    std::size_t next = 0;
    while (ends_[next].end <= position) ++next;
    Steady then = ends_[next].at;
    if (next > 0) {
      const auto& [from, from_at] = ends_[next - 1];
      const double part = static_cast<double>((position - from).count) /
                          static_cast<double>((ends_[next].end - from).count);
      const auto grown = std::chrono::duration<double>(then - from_at) * part;
      then = from_at + std::chrono::duration_cast<Steady::duration>(grown);
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - then).count();
  }

 private:
  struct End {
    Offset end;
    Steady at;
  };

  void push(End end) { ends_[count_++] = end; }
  // All but the last of them.
  void drop_passed(Offset position) {
    std::size_t passed = 0;
    while (passed + 1 < count_ && ends_[passed + 1].end <= position) ++passed;
    if (passed == 0) return;
    std::copy(ends_.begin() + static_cast<std::ptrdiff_t>(passed),
              ends_.begin() + static_cast<std::ptrdiff_t>(count_), ends_.begin());
    count_ -= passed;
    apart_ = std::min(apart_, (ends_[count_ - 1].at - ends_[0].at) / static_cast<int>(kEndsMax));
  }
  void thin_out() {
    for (std::size_t i = 1; 2 * i < kEndsMax; ++i) ends_[i] = ends_[2 * i];
    count_ = kEndsMax / 2;
    apart_ = (ends_[count_ - 1].at - ends_[0].at) / static_cast<int>(count_ - 1);
  }

  std::array<End, kEndsMax> ends_{};
  std::size_t count_ = 0;
  Steady::duration apart_{};
};

}  // namespace longspan
