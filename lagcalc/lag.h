// lagcalc/lag.h - how far a mirror (or any reader) is behind a partition's end.
//
// Units:   offsets and Records; milliseconds, or microseconds as named; rates per second. `now` is
//          always an argument.
// Errors:  none. A missing input is a named LagState or an absent answer, never a sentinel number.
// Threads: free functions, safe anywhere.
// Source:  Kafka ListOffsets (read_committed) and the position of a flow; ARCHITECTURE.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "lagcalc/stamp_range.h"
#include "lagcalc/units.h"

namespace longspan {

struct OffsetSnapshot {
  std::optional<Offset> position;  // next offset to be mirrored or read; absent: never started
  Offset log_start;                // first offset still there
  // End of the readable log (last stable offset). Not older than `position`: having read up to a
  // position proves an end there, so a live reader passes the later of its poll and its position.
  Offset log_end;
};

enum class LagState : std::uint8_t {
  known,
  never_committed,  // no position
  ahead_of_end,     // the log ends before the position: truncated or recreated
  expired,          // retention overtook the position: the lag counts what is still there
  recreated,        // the position is one of a former topic of the name
};

inline constexpr std::array kLagStates = {LagState::known, LagState::never_committed,
                                          LagState::ahead_of_end, LagState::expired,
                                          LagState::recreated};
[[nodiscard]] constexpr std::string_view name(LagState state) {
  constexpr std::array<std::string_view, kLagStates.size()> kNames{
      "known", "never_committed", "ahead_of_end", "expired", "recreated"};
  return kNames[static_cast<std::size_t>(state)];
}

struct Lag {
  LagState state = LagState::never_committed;
  std::optional<Records> records;  // present when known or expired
  friend bool operator==(const Lag&, const Lag&) = default;
};

[[nodiscard]] constexpr Lag compute_lag(const OffsetSnapshot& snapshot) {
  if (!snapshot.position) return {LagState::never_committed, {}};
  if (*snapshot.position > snapshot.log_end) return {LagState::ahead_of_end, {}};
  if (*snapshot.position < snapshot.log_start) {
    return {LagState::expired, snapshot.log_end - snapshot.log_start};
  }
  return {LagState::known, snapshot.log_end - *snapshot.position};
}

// Milliseconds until the lag is gone at these rates (records per second); absent when a rate is
// unknown, when the mirror is not 2 % faster than the source (rates are no better known than that),
// or when it would take over 100 years.
[[nodiscard]] std::optional<std::int64_t> catch_up_time(Records lag,
                                                        std::optional<double> mirror_rate,
                                                        std::optional<double> source_rate);

// Whether records wait no longer than `span_ms` at these rates: what waits is mirrored by then, and
// came within that time (a queue is as long as the rate of arrival times the time in it, Little).
// Tells a mirror that keeps pace from a late one where records bear times of long ago. False when
// the mirror's rate is not known; a source rate that is not known, or none, says nothing.
[[nodiscard]] bool passes_within(Records lag, std::optional<double> mirror_rate,
                                 std::optional<double> source_rate, std::int64_t span_ms);

// Bytes that a lag comes to, if its records are as large as those before them: absent where none
// were seen. Offsets without a record (transaction markers, compaction) count as records.
[[nodiscard]] std::optional<std::int64_t> bytes_lag_estimate(
    Records lag, std::optional<double> bytes_per_record);

// Age in milliseconds of the oldest record that is not mirrored yet: 0 when caught up, absent when
// its timestamp is not known, negative when it comes from a clock that is ahead of `now`.
[[nodiscard]] constexpr std::optional<std::int64_t> head_age(
    TimestampMs now, std::optional<TimestampMs> oldest_unmirrored, bool caught_up) {
  if (caught_up) return 0;
  if (!oldest_unmirrored) return std::nullopt;
  return now - *oldest_unmirrored;
}

// The same, of a record whose time is known within bounds.
[[nodiscard]] constexpr std::optional<AgeRange> head_age(
    TimestampUs now, const std::optional<StampRange>& oldest_unread, bool caught_up) {
  if (caught_up) return AgeRange{};
  if (!oldest_unread) return std::nullopt;
  return AgeRange{microseconds_between(oldest_unread->latest, now),
                  microseconds_between(oldest_unread->earliest, now)};
}

}  // namespace longspan
