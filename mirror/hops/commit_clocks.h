// mirror/hops/commit_clocks.h - what is known of the clocks that wrote when groups committed.
//
// A commit is stamped by the group's coordinator, a broker that may be asked beside this, or by a
// sink, which nobody asks. Either wrote its stamp before it was read here and after it appended the
// records below; which bounds the clock from two sides.
//
// Errors:  none. What is not known is an open side, or assumed by clock.SIDE.max.error.ms.
// Threads: one shard's.
// Limits:  2 KB for each coordinator and sink that committed.
// Source:  ARCHITECTURE.md, "Time".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "lagcalc/clocks/clock_tracker.h"
#include "lagcalc/group_lag.h"
#include "lagcalc/stamp.h"
#include "lagcalc/units.h"
#include "mirror/clocks/clock_watch.h"
#include "mirror/event.h"
#include "mirror/hops/hop_watch.h"

namespace longspan {

// A group's position, as it became known.
struct SeenCommit {
  Offset offset;
  std::optional<std::int32_t> leader_epoch = {};
  std::optional<std::int32_t> coordinator = {};
  std::optional<Stamp> at = {};       // its own, or when it was first seen
  const std::string* sink = nullptr;  // whose clock it is, where it is a sink's
  bool is_own_clock = false;          // `at` is on longspan's timeline

  // The clock that wrote it; absent where it was found by asking.
  [[nodiscard]] std::optional<TimestampMs> written_at() const;
};

class CommitClocks {
 public:
  // `clocks` may be null: none is measured. Both outlive it.
  CommitClocks(EventSide side, const HopWatch& hops, const ClockConfig& config,
               const ClockWatch* clocks);

  // `not_before`: when the last record below it was appended, at the earliest.
  void learn(const SeenCommit& commit, std::optional<Instant> not_before);
  [[nodiscard]] ClockOffset offset_of(const SeenCommit& commit) const;
  [[nodiscard]] GroupCommit on_timeline(const SeenCommit& commit) const;
  void forget(const std::string* sink) { known_.erase({-1, sink}); }

 private:
  // A coordinator's node id (-1: not known), or a sink.
  using Key = std::pair<std::int32_t, const std::string*>;
  [[nodiscard]] static Key key_of(const SeenCommit& commit);
  [[nodiscard]] ClockTracker tracker_of(const SeenCommit& commit) const;

  const HopWatch& hops_;
  const ClockKind brokers_;
  const std::optional<DurationUs> max_error_;
  const ClockWatch* const clocks_;
  std::map<Key, ClockTracker> known_;
};

}  // namespace longspan
