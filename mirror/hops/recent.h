// mirror/hops/recent.h - what was added up in the last one to two minutes, beside what was since
// the process started.
//
// Units:   times on longspan's timeline.
// Errors:  none.
// Threads: a value.
// Limits:  two sums: of this minute and of the one before.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "lagcalc/clocks/interval.h"

namespace longspan {

template <class Sum>
class Recent {
 public:
  static constexpr std::int64_t kMinuteUs = 60'000'000;

  // Of this minute, to be added to.
  [[nodiscard]] Sum& at(Instant now) {
    const std::int64_t minute = now.us / kMinuteUs;
    if (!now_ || minute != minute_) {
      before_ = minute == minute_ + 1 ? std::move(now_) : std::nullopt;
      now_.emplace();
      minute_ = minute;
    }
    return *now_;
  }
  // Absent: nothing was added.
  [[nodiscard]] std::optional<Sum> of(Instant now) const {
    const std::int64_t minute = now.us / kMinuteUs;
    if (minute == minute_ + 1) return now_;
    if (minute != minute_) return std::nullopt;
    auto out = now_;
    if (out && before_) out->merge(*before_);
    return out;
  }

 private:
  std::int64_t minute_ = 0;  // of now_
  std::optional<Sum> now_;
  std::optional<Sum> before_;
};

}  // namespace longspan
