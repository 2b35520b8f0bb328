// lagcalc/group_lag.h - how far a consumer group is behind a partition, in records and in time.
//
// Units:   offsets and Records; times on one timeline, that of `now` (a commit's is put there by
// its
//          coordinator's clock offset). A position is the next record to be read.
// Errors:  none. What is not known is absent; what is wrong with the position is its LagState.
// Threads: pure functions over values.
// Source:  lagcalc/lag.h for the arithmetic; Kafka OffsetFetch or __consumer_offsets, ListOffsets.
// Invariant: no lag is negative. Ages may be: then a clock is ahead, and `doubt` says so.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "lagcalc/group_state.h"
#include "lagcalc/lag.h"
#include "lagcalc/stamp_range.h"
#include "lagcalc/units.h"

namespace longspan {

// Whether a commit names the id of the topic that has the name now.
enum class TopicMatch : std::uint8_t { unknown, same, other };

struct GroupCommit {
  Offset offset;
  std::optional<std::int32_t> leader_epoch = {};
  std::optional<TimestampMs> at = {};  // the coordinator's clock
  TopicMatch topic = TopicMatch::unknown;
};

// Ends are asked for after the commit: an older end is no end, and would look like a truncation.
struct GroupPartition {
  std::optional<GroupCommit> commit = {};    // absent: none, or deleted
  std::optional<GroupCommit> previous = {};  // the one before
  GroupState group = GroupState::unknown;
  Offset log_start;
  Offset last_stable;
  Offset high_watermark;
  std::optional<std::int32_t> leader_epoch = {};  // the partition's
  std::optional<TimestampMs> recreated_at = {};   // when the topic of the name became another one
  // Where the log is read (OffsetTimes), of the records from first_unread() to last_stable that are
  // no marker, not aborted and not compacted away:
  std::optional<Records> readable = {};  // how many
  std::optional<StampRange> head = {};   // the first one's own time
  // Where the first one is older than what is known of the log: the oldest unread one that is.
  std::optional<StampRange> known_unread = {};
  std::optional<StampRange> head_arrival = {};  // when it was appended, or first seen in the log
  std::optional<StampRange> last_read = {};     // the own time of the last record below the commit
  std::optional<TimestampUs> newest = {};       // the newest record's own time, a heartbeat's too
  std::optional<double> produce_rate = {};      // offsets per second
};

// Of the last commit, after the one before. What is kept over commits begins anew after `backward`
// and `new_log`.
enum class CommitStep : std::uint8_t {
  none,      // no commit
  first,     // there is none before it
  forward,   //
  unmoved,   // the same position again
  backward,  // reset, or read again
  new_log,   // one of them is of a former topic of the name
};

// Why a record's own time is not believed. Then head_age is by its arrival, where that is known.
enum class ClockDoubt : std::uint8_t {
  none,
  ahead,       // it lies behind its arrival, or behind now
  disordered,  // far behind that of a record before it: an old record written again, or a bad clock
};

inline constexpr std::array kClockDoubts = {ClockDoubt::none, ClockDoubt::ahead,
                                            ClockDoubt::disordered};
[[nodiscard]] constexpr std::string_view name(ClockDoubt doubt) {
  constexpr std::array<std::string_view, kClockDoubts.size()> kNames{"none", "ahead", "disordered"};
  return kNames[static_cast<std::size_t>(doubt)];
}

struct GroupLag {
  LagState state = LagState::never_committed;
  GroupState group = GroupState::unknown;
  CommitStep step = CommitStep::none;
  std::optional<Records> offset_lag = {};          // to the last stable offset
  std::optional<Records> high_watermark_lag = {};  // more than that while a transaction is open
  std::optional<Records> record_lag = {};
  bool is_caught_up = false;              // known to be: nothing readable lies before last_stable
  std::optional<Records> expired = {};    // offsets that retention took before they were read
  std::optional<AgeRange> head_age = {};  // of the first unread record; 0 when caught up
  // Where that is not known: some unread record waits so long, at least.
  std::optional<std::int64_t> waits_us = {};
  ClockDoubt doubt = ClockDoubt::none;
  bool is_age_by_arrival = false;
  std::optional<std::int64_t> newest_age_us = {};  // caught up means: as of so long ago
  std::optional<std::int64_t> catch_up_ms = {};
  // From a record's own time to the commit behind it; of commits that moved on.
  std::optional<AgeRange> residence = {};
  friend bool operator==(const GroupLag&, const GroupLag&) = default;
};

// A record that lies further behind one before it is `disordered`: producers of one partition may
// be this far apart.
inline constexpr std::int64_t kDisorderMaxUs = 1'000'000;

// Where to look up `head` and what to count in `readable`; absent without a commit.
[[nodiscard]] std::optional<Offset> first_unread(const GroupPartition& partition);
// Offsets per second by the last two commits; one that is overdue slows it. Absent unless the group
// moved on.
[[nodiscard]] std::optional<double> commit_rate(const GroupPartition& partition, TimestampUs now);
[[nodiscard]] GroupLag compute_group_lag(const GroupPartition& partition, TimestampUs now);

}  // namespace longspan
