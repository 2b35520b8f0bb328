// mirror/latency_window.h - how much may be on its way to the target, by how long it takes there.
//
// More in flight than the target takes at once only waits there, in front of everybody else's
// requests; a broker that throttles us lets our next request wait, too. So: where acknowledgements
// take much longer than they do at best, less is put in flight (times 0.7, once per measurement),
// and where they do not, step by step more.
//
// Units:   bytes; std::chrono durations.
// Errors:  none.
// Threads: a value of one thread.
// Limits:  between a 32nd of bytes_max, at least kBytesMin, and bytes_max.
// Source:  AIMD, as TCP's congestion avoidance (RFC 5681).
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace longspan {

class LatencyWindow {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;
  static constexpr std::int64_t kBytesMin = 1LL << 20;
  static constexpr std::chrono::seconds kBestLasts{60};

  struct Tolerance {
    int times_best = 10;
    std::chrono::milliseconds at_least{1000};
    std::chrono::milliseconds at_most{2000};
  };

  explicit LatencyWindow(std::int64_t bytes_max) : bytes_max_(bytes_max), bytes_(bytes_max) {}

  [[nodiscard]] std::int64_t bytes() const { return bytes_; }
  [[nodiscard]] std::optional<Duration> best() const {
    if (!now_best_ || !last_best_) return now_best_ ? now_best_ : last_best_;
    return std::min(*now_best_, *last_best_);
  }

  [[nodiscard]] std::optional<Duration> newest() const { return newest_; }

  // A record took so long from being offered to being acknowledged. `in_flight` was what was in
  // flight then: a window that is not used says nothing about a larger one.
  void add(Duration took, std::int64_t in_flight, Steady now, const Tolerance& tolerance) {
    remember(took, now);
    newest_ = took;
    const Duration limit = limit_of(*best(), tolerance);
    if (took > limit) {
      bytes_ = std::max(bytes_min(), std::min(bytes_, in_flight) / 10 * 7);
    } else if (in_flight > bytes_ / 2) {
      bytes_ = std::min(bytes_max_, bytes_ + std::max(bytes_ / 16, kBytesMin / 4));
    }
  }

 private:
  // While the target is never idle the best is one that waited, too; at 5/4 of it, which is less
  // than where 0.7 of a window leads, that cannot raise the limit without end.
  [[nodiscard]] static Duration limit_of(Duration best, const Tolerance& tolerance) {
    return std::max(best / 4 * 5, std::clamp<Duration>(best * tolerance.times_best,
                                                       tolerance.at_least, tolerance.at_most));
  }
  [[nodiscard]] std::int64_t bytes_min() const {
    return std::min(bytes_max_, std::max(bytes_max_ / 32, kBytesMin));
  }
  // The best of the last one to two kBestLasts: a way that became longer is found out.
  void remember(Duration took, Steady now) {
    if (now - best_since_ >= kBestLasts) {
      last_best_ = now_best_;
      now_best_.reset();
      best_since_ = now;
    }
    now_best_ = now_best_ ? std::min(*now_best_, took) : took;
  }

  const std::int64_t bytes_max_;
  std::int64_t bytes_;
  std::optional<Duration> newest_;
  std::optional<Duration> now_best_;
  std::optional<Duration> last_best_;
  Steady best_since_{};
};

}  // namespace longspan
