// lagcalc/clocks/clock_tracker.h - one clock's offset from longspan's timeline, followed over time.
//
// Samples give bounds that are true by themselves; a tracker keeps the narrowest of each window,
// widens them by what clocks drift, and intersects them. That is right until the clock is set, so
// evidence that does not fit is not believed at once:
//
//   settled -- evidence that does not fit --> in doubt -- more that fits it ----> settled, history
//      ^                                        |                                 dropped, a step
//      +-- a sample that fits what was before --+  (an outlier)
//
// In doubt the bounds reach over both. What does not fit: bounds that do not meet those tracked, or
// meet them but are shifted by more than the round trips allow (a step smaller than a round trip;
// it is a step event only where it is proven, see `shifts`).
//
// Units:   microseconds on longspan's timeline.
// Errors:  none. Samples with impossible times are counted and left out.
// Threads: a value.
// Limits:  a fixed sizeof(ClockTracker), below 2 KiB a clock; kWindows windows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "lagcalc/clocks/clock_id.h"
#include "lagcalc/clocks/clock_offset.h"

namespace longspan {

struct TrackerSettings {
  // How fast two clocks may part: two ordinary crystals at 50 parts per million each.
  std::int32_t drift_ppm_max = 100;
  std::int64_t window_us = 8'000'000;
  // Older evidence counts for nothing, however little there is.
  std::int64_t age_us_max = 900'000'000;
  // By how much a round trip's share of each direction may change beyond what its length says.
  std::int64_t shift_margin_us = 1'000;
  std::optional<DurationUs> max_error = kMaxErrorDefault;  // clock.<domain>.max.error.ms
};

// For a clock that nobody asks (a connector's): its steps may go unseen, so what orders of events
// said is kept for seconds only. Each record says it anew.
[[nodiscard]] constexpr TrackerSettings settings_of_unasked_clock() {
  TrackerSettings settings;
  settings.window_us = 1'000'000;
  settings.age_us_max = 10'000'000;
  return settings;
}

// What the bounds were before the clock's last step.
struct EarlierOffset {
  OffsetBounds bounds;
  Instant until;                 // last seen to hold
  std::optional<Instant> since;  // absent: no step before is known
};

// A clock's offset as of one time, to place stamps with.
struct ClockOffset {
  OffsetBounds bounds;
  Instant as_of;
  std::int32_t drift_ppm_max = 0;
  // How often the clock stepped; `earlier` is of the epoch before. Absent while a step is in doubt.
  std::optional<std::uint32_t> epoch = 0;
  std::optional<Instant> since;  // first seen to hold; absent: no step is known
  std::optional<EarlierOffset> earlier;
};

class ClockTracker {
 public:
  static constexpr std::size_t kWindows = 8;

  explicit ClockTracker(ClockId clock, TrackerSettings settings = {});

  // Returns the step that this confirms, if any. Evidence comes in about the order of time.
  std::optional<ClockStep> add(const ClockSample& sample);
  // What an order of events says (written_not_after and written_not_before) at that time.
  std::optional<ClockStep> add_order(const OffsetBounds& bounds, Instant at);

  // `others`: what else speaks of this clock now (host_bounds(), a probe elsewhere); most decide,
  // see agreement().
  [[nodiscard]] ClockOffset offset(Instant now, std::span<const OffsetBounds> others = {}) const;
  // What samples alone say, and orders alone.
  [[nodiscard]] OffsetBounds measured(Instant now) const;
  [[nodiscard]] OffsetBounds by_order(Instant now) const;

  [[nodiscard]] ClockId clock() const { return clock_; }
  [[nodiscard]] bool is_in_doubt() const { return doubt_.has_value(); }

  struct Counts {
    std::uint64_t samples = 0;
    std::uint64_t impossible = 0;  // samples left out
    std::uint64_t outliers = 0;    // doubts that did not last
    std::uint64_t steps = 0;
    std::uint64_t shifts = 0;  // a small step or another route: the history was dropped
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  struct Evidence {
    OffsetBounds bounds;
    Instant at;
  };
  struct Window {
    std::int64_t number = 0;       // time / window_us
    std::optional<Evidence> best;  // narrowest sample
    std::optional<Evidence> low;   // highest, of orders of events
    std::optional<Evidence> high;  // lowest
  };
  struct Doubt {
    OffsetBounds reach;  // over all that did not fit
    Evidence latest;
    Instant since;
    bool has_sample = false;
  };

  [[nodiscard]] OffsetBounds aged(const Evidence& evidence, Instant now) const;
  [[nodiscard]] OffsetBounds tracked(Instant now) const;
  [[nodiscard]] std::optional<Evidence> reference(Instant now) const;
  [[nodiscard]] std::int64_t least_width() const;
  [[nodiscard]] bool is_shifted(const Evidence& a, const Evidence& b) const;
  [[nodiscard]] bool fits_history(const Evidence& evidence) const;
  [[nodiscard]] bool fits_doubt(const Evidence& evidence) const;
  [[nodiscard]] bool has_samples(Instant now) const;
  std::optional<ClockStep> weigh(const Evidence& evidence);
  void doubt(const Evidence& evidence);
  std::optional<ClockStep> start_anew(const Evidence& evidence);
  void keep(const Evidence& evidence);
  Window& window_at(Instant at);

  ClockId clock_;
  TrackerSettings settings_;
  std::array<Window, kWindows> windows_{};  // a ring
  std::size_t used_ = 0;
  std::size_t newest_ = 0;
  std::optional<Doubt> doubt_;
  std::uint32_t epoch_ = 0;
  std::optional<Instant> since_;
  std::optional<EarlierOffset> earlier_;
  Instant last_fit_;
  Counts counts_;
};

}  // namespace longspan
