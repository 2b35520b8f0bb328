// lagcalc/clocks/record_times.h - one record's way from commit to sink, on one timeline.
//
//   commit -> connector -> source_append -> fetched -> produced -> target_append -> sink_commit
//
// Each stamp is put on the timeline once: stamp - offset of its clock. Therefore points of hops add
// up to the point between their ends exactly, and an interval between two waypoints rests on the
// clocks of these two only, and lies within the sum of the hops between them. Two stamps of one
// clock need no offset: their difference is known to their resolutions.
//
// A waypoint cannot come before the one before it. That narrows what is known of the clocks for
// this record. Where it contradicts them, one of them is wrong for now (a step that is not
// confirmed yet): then the sides that contradict are absent, and contradictions() counts them. A
// point may still be negative, within the error: it is kept.
//
// Units:   microseconds.
// Errors:  none. Without a stamp, the hops next to it are absent and the one across it is not.
//          Stamps out of range count as none.
// Threads: a value; pure functions.
// Limits:  a fixed size; no allocation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "lagcalc/clocks/clock_tracker.h"
#include "lagcalc/clocks/interval.h"
#include "lagcalc/stamp.h"

namespace longspan {

enum class Waypoint : std::uint8_t {
  commit,         // the database's WAL commit
  connector,      // the connector made the change record
  source_append,  // the source's leader appended it
  fetched,        // longspan read it
  produced,       // longspan handed it to its producer
  target_append,  // the target's leader appended it
  sink_commit,    // a sink's group committed a position behind it, or the sink's own report
};
inline constexpr std::size_t kWaypoints = 7;
[[nodiscard]] std::string_view name(Waypoint waypoint);  // "source_append"

// A stamp and the clock that wrote it: an index into the offsets that are given beside it. What is
// of one clock has one index.
struct ClockStamp {
  Stamp stamp;
  std::uint16_t clock = 0;
};

// What is known of one record. LogAppendTime is a source_append of the leader's clock; CreateTime
// is of the connector's, and stands for `connector` where the envelope has no time.
struct RecordStamps {
  std::optional<ClockStamp> commit;
  std::optional<ClockStamp> connector;
  std::optional<ClockStamp> source_append;
  std::optional<Instant> fetched;
  std::optional<Instant> produced;
  // Without a stamp (CreateTime on the target) it was appended from produced to acked.
  std::optional<ClockStamp> target_append;
  std::optional<Instant> acked;
  std::optional<ClockStamp> sink_report;  // where a sink tells its own time
};

// Whether a group commits positions behind what it has processed, or before it processes.
enum class CommitOrder : std::uint8_t { after_processing, before_processing };

struct SinkCommit {
  ClockStamp at;                       // of the first commit behind the record
  std::optional<ClockStamp> previous;  // of the one before
  CommitOrder order = CommitOrder::after_processing;
};

// Stamps of one clock between two of its steps.
struct ClockEpoch {
  std::int32_t clock = 0;
  std::uint32_t epoch = 0;
  friend constexpr bool operator==(ClockEpoch, ClockEpoch) = default;
};

class RecordTimes {
 public:
  // `offsets`: of the clocks, as of about when the last waypoint was.
  RecordTimes(const RecordStamps& stamps, std::span<const ClockOffset> offsets);

  // Processed from target_append on, and until the commit came. The commit before only places the
  // point: the record may have been processed before that one arrived. Nothing happens without a
  // target_append.
  void set_sink_commit(const SinkCommit& commit, std::span<const ClockOffset> offsets);

  // From now on it stands for `other`, too: each waypoint was when it was for either, so that what
  // is between two of them holds for both. Points stay where both sides do. Before
  // set_sink_commit().
  void cover(const RecordTimes& other);

  [[nodiscard]] std::optional<InstantInterval> at(Waypoint waypoint) const {
    return placed(waypoint).at();
  }
  // From `earlier` to a later waypoint; absent when one of them is.
  [[nodiscard]] std::optional<DurationInterval> between(Waypoint earlier, Waypoint later) const;
  [[nodiscard]] std::optional<DurationInterval> end_to_end() const {
    return between(Waypoint::commit, Waypoint::sink_commit);
  }
  [[nodiscard]] std::int32_t contradictions() const { return contradictions_; }

 private:
  friend class Placement;
  // A waypoint on the timeline, packed: many records wait for a commit.
  class Placed {
   public:
    Placed() = default;
    // `key`: absent where the waypoint has no stamp, or one of an unclear epoch.
    Placed(const InstantInterval& at, Stamp stamp, const std::optional<ClockEpoch>& key,
           std::int32_t drift_ppm_max);

    [[nodiscard]] std::optional<InstantInterval> at() const {
      if (!is_placed_) return std::nullopt;
      return InstantInterval{side(low_), side(point_), side(high_), is_assumed_};
    }
    [[nodiscard]] Stamp stamp() const { return {stamp_, resolution_us_}; }
    [[nodiscard]] std::optional<ClockEpoch> key() const {
      if (!has_key_) return std::nullopt;
      return ClockEpoch{clock_, epoch_};
    }
    [[nodiscard]] std::int32_t drift_ppm_max() const { return drift_ppm_max_; }
    [[nodiscard]] bool is_of_clock_of(const Placed& other) const {
      return has_key_ && other.has_key_ && clock_ == other.clock_ && epoch_ == other.epoch_;
    }
    void cover(const Placed& other);

   private:
    static constexpr std::int64_t kAbsent = INT64_MIN;  // no Instant is
    static std::int64_t packed(const std::optional<Instant>& side) {
      return side ? side->us : kAbsent;
    }
    static std::optional<Instant> side(std::int64_t packed) {
      return packed == kAbsent ? std::nullopt : std::optional(Instant{packed});
    }

    std::int64_t low_ = kAbsent;
    std::int64_t point_ = kAbsent;
    std::int64_t high_ = kAbsent;
    TimestampUs stamp_;
    std::int32_t resolution_us_ = 1;
    std::int32_t drift_ppm_max_ = 0;
    std::uint32_t epoch_ = 0;
    std::int32_t clock_ : 24 = 0;
    bool is_placed_ : 1 = false;
    bool is_assumed_ : 1 = false;
    bool has_key_ : 1 = false;
  };

  void narrow_commit(DurationInterval& out, const Placed& from) const;
  [[nodiscard]] const Placed& placed(Waypoint waypoint) const {
    return placed_[static_cast<std::size_t>(waypoint)];
  }
  void place(Waypoint waypoint, const Placed& placed) {
    placed_[static_cast<std::size_t>(waypoint)] = placed;
  }
  [[nodiscard]] InstantInterval commit_at(const ClockStamp& stamp, const Placed& append,
                                          std::span<const ClockOffset> offsets) const;
  [[nodiscard]] std::optional<Instant> commit_point(const SinkCommit& commit, const Placed& append,
                                                    const InstantInterval& last,
                                                    std::span<const ClockOffset> offsets) const;

  std::array<Placed, kWaypoints> placed_{};
  std::int32_t contradictions_ = 0;
  // The stamp of sink_commit is a group's commit: at the latest then, not just then.
  bool is_group_commit_ = false;
};

static_assert(sizeof(RecordTimes) <= 344);

// How often a hop had which kind of value.
struct HopTally {
  std::uint64_t known = 0;      // with a point
  std::uint64_t one_sided = 0;  // without
  std::uint64_t absent = 0;
  std::uint64_t negative = 0;  // of the known: points below zero

  void record(const std::optional<DurationInterval>& hop, std::uint64_t count = 1);
  void merge(const HopTally& other);
  friend bool operator==(const HopTally&, const HopTally&) = default;
};

}  // namespace longspan
