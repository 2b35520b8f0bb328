// lagcalc/clocks/placement.h - how the stamps of one record are put on the timeline.
//
// Part of record_times.cc: one row per waypoint, one entry per clock (per epoch of it, where it
// stepped), so that stamps of one clock stay as far apart as they were written.
//
// Errors:  none.
// Threads: lives for one call.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "lagcalc/clocks/record_times.h"

namespace longspan {

// Which of a clock's offsets a stamp was written under.
struct StampOffset {
  enum class Epoch : std::uint8_t { present, earlier, unclear };
  OffsetBounds bounds;  // of an unclear one: over both
  Epoch epoch = Epoch::present;
  std::int64_t drift_us = 0;  // what the clock may have drifted between the stamp and the bounds
};
// Equal for stamps that may be subtracted: of one clock, between two steps. Absent where that is
// not clear.
[[nodiscard]] std::optional<ClockEpoch> epoch_of(std::uint16_t clock, const ClockOffset& offset,
                                                 const StampOffset& of_stamp);
[[nodiscard]] StampOffset offset_of(Stamp stamp, const ClockOffset& offset);

inline constexpr ClockEpoch kOwnClock{-1, 0};
[[nodiscard]] bool is_in_range(Stamp stamp);
// [stamp - high, stamp + resolution - low] of the bounds.
[[nodiscard]] InstantInterval instant_of(Stamp stamp, const OffsetBounds& bounds);

class Placement {
 public:
  Placement(const RecordStamps& stamps, std::span<const ClockOffset> offsets);
  void write(RecordTimes& out) const;

 private:
  struct Entry {
    std::optional<ClockEpoch> key;
    OffsetBounds bounds;
    std::int64_t drift_us = 0;
    bool drops_low = false;
    bool drops_high = false;
  };
  struct Row {
    Waypoint waypoint = Waypoint::commit;
    Stamp stamp;
    std::int32_t drift_ppm_max = 0;
    std::uint8_t entry = 0;
  };

  void add(Waypoint waypoint, const std::optional<ClockStamp>& stamp,
           std::span<const ClockOffset> offsets);
  void add_own(Waypoint waypoint, const std::optional<Instant>& at);
  void add_row(Waypoint waypoint, Stamp stamp, const Entry& entry);
  void widen_by_drift();
  void find_contradictions();
  void drop_contradicting();
  void narrow();
  void narrow_later(const Row& earlier, const Row& later);
  void narrow_earlier(const Row& earlier, const Row& later);
  void give_up_if_empty();
  [[nodiscard]] Entry& entry(const Row& row) { return entries_[row.entry]; }
  [[nodiscard]] bool is_own(const Row& row) const { return entries_[row.entry].key == kOwnClock; }

  std::optional<Instant> produced_;
  std::optional<Instant> acked_;
  std::array<Row, kWaypoints> rows_;  // in the order of waypoints
  std::size_t row_count_ = 0;
  std::array<Entry, kWaypoints> entries_;
  std::size_t entry_count_ = 0;
  std::int32_t contradictions_ = 0;
};

}  // namespace longspan
