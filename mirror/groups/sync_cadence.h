// mirror/groups/sync_cadence.h - when a partition's offset pair is written as an MM2 offset sync.
//
// MM2 writes a sync at once for the first acknowledged record of its life, when the target offset
// is offset.lag.max or more beyond the last sync, at every source gap, and when the target went
// backwards; else the newest pair waits for a flush. Taken literally that is a record per gap, or
// 10 000 syncs/s at a million records/s, of which MM2 itself drops what exceeds ten in flight. So
// the same rule decides here *whether* a sync is due, at most one per interval_min is written, and
// it is always the newest pair: MM2's store keeps its slots by recency, and an exact pair is legal
// at any spacing. The very first pair is kept besides the newest one, because MM2's readers cannot
// translate anything older than the oldest sync they saw. With interval_min 0 and one record a run
// the syncs are MM2's own, pair by pair.
//
// Units:   a pair holds one record's own source and target offsets.
// Errors:  none.
// Threads: one caller; now is an argument.
// Limits:  two pairs held; at most one sync per interval_min.
// Source:  OffsetSyncWriter of MirrorMaker 2; KAFKA-15906 for the delayed pair.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "lagcalc/offset_map.h"
#include "lagcalc/units.h"

namespace longspan {

struct OffsetPair {
  Offset source;
  Offset target;
  friend bool operator==(const OffsetPair&, const OffsetPair&) = default;
};

struct SyncCadenceLimits {
  std::int64_t offset_lag_max = 100;  // records
  std::chrono::milliseconds interval_min{100};
};

class OffsetSyncCadence {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  explicit OffsetSyncCadence(SyncCadenceLimits limits) : limits_(limits) {}

  // A run of records, contiguous on both sides, was acknowledged. O(1), whatever its length.
  void on_acked(const Segment& run);
  // The pair to be written now; absent: none is due, or not yet. Call it after on_acked() and when
  // idle: what the interval held back is due later.
  [[nodiscard]] std::optional<OffsetPair> take_due(Steady now);
  // At MM2's flush interval and before the partition is let go: what is unwritten, due or not and
  // whatever the interval says. Call it until it is absent; pairs come in order.
  [[nodiscard]] std::optional<OffsetPair> flush(Steady now);
  // Something waits for take_due() or flush().
  [[nodiscard]] bool has_unwritten() const { return first_ || newest_; }

 private:
  [[nodiscard]] bool newest_is_due() const;
  OffsetPair hand_out(std::optional<OffsetPair>& slot, Steady now);

  SyncCadenceLimits limits_;
  // Invariant: handed out before newest_. An older pair behind a newer one is a rewind to MM2's
  // readers, which then forget all they knew.
  std::optional<OffsetPair> first_;         // of this life, until it is written
  std::optional<OffsetPair> newest_;        // until it is written
  bool broke_off_ = false;                  // a gap or a step back since the last sync
  std::optional<OffsetPair> previous_;      // last acknowledged record
  std::optional<Offset> last_sync_target_;  // of the last pair handed out
  std::optional<Steady> last_sync_at_;
};

}  // namespace longspan
