// lagcalc/slo_window.h - what was counted for an objective over the last minutes, hours and days.
//
// Units:   seconds, on a timeline that never goes back.
// Errors:  none. Of a span longer than what was kept only what was kept counts: since().
// Threads: a value.
// Limits:  six hours by the minute and thirty-one days by the hour; 32 bytes each that has counts.
// Invariant: merging is exact: parts merged in any order equal one that saw all of it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "lagcalc/slo.h"

namespace longspan {

class SloWindow {
 public:
  static constexpr std::int64_t kMinutes = 6 * 60;
  static constexpr std::int64_t kHours = 31 * 24;

  void record(SloVerdict verdict, std::uint64_t count, std::int64_t now_s);
  void merge(const SloWindow& other);

  // The last `span_s` seconds up to `now_s`, rounded up to whole minutes, above six hours to whole
  // hours.
  [[nodiscard]] SloCounts over(std::int64_t span_s, std::int64_t now_s) const;
  // When the first that is kept was counted, to the hour where others were dropped; absent: nothing
  // was.
  [[nodiscard]] std::optional<std::int64_t> since_s() const;

 private:
  struct Bucket {
    std::int64_t number = 0;  // time / its length
    SloCounts counts;
  };
  using Buckets = std::deque<Bucket>;

  static SloCounts& at(Buckets& buckets, std::int64_t number);
  static void drop(Buckets& buckets, std::int64_t kept);

  std::optional<std::int64_t> first_s_;  // of all, kept or not
  Buckets minutes_;
  Buckets hours_;
};

}  // namespace longspan
