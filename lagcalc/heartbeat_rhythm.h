// lagcalc/heartbeat_rhythm.h - whether a connector lives, by the heartbeats that it writes.
//
// An idle database changes nothing, and neither does a dead connector. Heartbeats tell them apart:
// who lives goes on writing them. Their interval is learned from those that came.
//
// Units:   milliseconds of the clock that wrote the heartbeats, and of ours for what is seen.
// Errors:  none. With fewer than two heartbeats nothing is known for kUnheardMs.
// Threads: a value.
// Limits:  the last kSpacings intervals.
// Source:  Debezium, heartbeat.interval.ms: at most one heartbeat an interval, when it polls.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "lagcalc/units.h"

namespace longspan {

enum class Liveness : std::uint8_t {
  unknown,  // too few heartbeats, or what was written is not read yet
  alive,    //
  late,     // one should have come
  dead,     // none came for two intervals; where these are not known for kUnheardMs
};
inline constexpr std::array kLivenesses = {Liveness::unknown, Liveness::alive, Liveness::late,
                                           Liveness::dead};
[[nodiscard]] constexpr std::string_view name(Liveness liveness) {
  constexpr std::array<std::string_view, kLivenesses.size()> kNames{"unknown", "alive", "late",
                                                                    "dead"};
  return kNames[static_cast<std::size_t>(liveness)];
}

class HeartbeatRhythm {
 public:
  static constexpr std::size_t kSpacings = 8;
  static constexpr std::int64_t kIntervalMinMs = 1'000;
  static constexpr std::int64_t kIntervalMaxMs = 86'400'000;
  // A heartbeat is on its way for some time, which is not always the same.
  static constexpr std::int64_t kSlackMs = 1'000;
  // Debezium's users write heartbeats each second to each minute.
  static constexpr std::int64_t kUnheardMs = 600'000;

  // A heartbeat written at that time was seen. One that was seen before is not told again. Those
  // within kIntervalMinMs are one (a table's row that is deleted and inserted anew). Where its
  // clock went back there is no interval.
  void beat(TimestampMs written, TimestampMs seen) {
    const bool is_same = begun_ && written >= *begun_ && written - *begun_ < kIntervalMinMs;
    if (begun_ && written > *begun_ && !is_same) {
      spacings_[next_++ % kSpacings] = std::min(written - *begun_, kIntervalMaxMs);
      known_ = std::min(known_ + 1, kSpacings);
    }
    if (!is_same) begun_ = written;
    written_ = written;
    seen_ = seen;
  }

  [[nodiscard]] std::optional<TimestampMs> newest() const { return written_; }
  // Of the last intervals one of the longer ones, at least a second: the connector may have stood
  // still once, and several tasks may write heartbeats at about one time.
  [[nodiscard]] std::optional<std::int64_t> interval_ms() const {
    if (known_ == 0) return std::nullopt;
    auto sorted = spacings_;
    const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(known_);
    std::sort(sorted.begin(), end);
    return std::max(sorted[known_ * 5 / 8], kIntervalMinMs);
  }
  // By what was seen up to `now`; is_all_read: what was written is here. Before `heard_since`
  // nobody could hear one.
  [[nodiscard]] Liveness liveness(TimestampMs now, bool is_all_read,
                                  TimestampMs heard_since = {}) const {
    const auto interval = interval_ms();
    if (!interval) {
      const bool is_unheard = written_ && now - std::max(seen_, heard_since) > kUnheardMs;
      return is_unheard && is_all_read ? Liveness::dead : Liveness::unknown;
    }
    if (now - seen_ <= *interval + kSlackMs) return Liveness::alive;
    const std::int64_t silent = now - std::max(seen_, heard_since);
    if (!is_all_read || silent <= *interval + kSlackMs) return Liveness::unknown;
    return silent <= 2 * *interval + kSlackMs ? Liveness::late : Liveness::dead;
  }

 private:
  std::optional<TimestampMs> begun_;  // of those that are one
  std::optional<TimestampMs> written_;
  TimestampMs seen_;
  std::array<std::int64_t, kSpacings> spacings_{};  // the first known_ of them; a ring when full
  std::size_t known_ = 0;
  std::size_t next_ = 0;
};

}  // namespace longspan
