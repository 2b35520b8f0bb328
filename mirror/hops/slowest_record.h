// mirror/hops/slowest_record.h - the followed record of a partition that took longest from its
// commit to the target, of this window of time and the one before.
//
// Units:   milliseconds. Windows are numbered; each is somewhat longer than the time between two
//          marks, so that a mark tells of the whole window before it, whenever it is written. Where
//          two marks in a row are not written, or that time is changed, some of it is not told.
// Errors:  none.
// Threads: a value.
// Limits:  a fixed size.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "lagcalc/units.h"

namespace longspan {

struct SlowestRecord {
  TimestampMs acked;
  std::int64_t took_ms = 0;  // at most: the upper bound
  friend bool operator==(const SlowestRecord&, const SlowestRecord&) = default;
};

class SlowestRecords {
 public:
  void add(const SlowestRecord& record, std::int64_t window) {
    if (window != window_) {
      before_ = window == window_ + 1 ? now_ : std::nullopt;
      now_.reset();
      window_ = window;
    }
    now_ = slower(now_, record);
  }
  // As of that window.
  [[nodiscard]] std::optional<SlowestRecord> of(std::int64_t window) const {
    if (window == window_ + 1) return now_;
    return window == window_ ? slower(now_, before_) : std::nullopt;
  }

 private:
  using Maybe = std::optional<SlowestRecord>;
  static Maybe slower(const Maybe& a, const Maybe& b) {
    if (!a || !b) return a ? a : b;
    return b->took_ms > a->took_ms ? b : a;
  }

  std::int64_t window_ = 0;
  Maybe now_;
  Maybe before_;
};

}  // namespace longspan
