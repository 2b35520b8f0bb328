// mirror/partition.h - one source partition on its way to the target: where it stands and why.
//
// Lifecycle, with what leads on:
//
//   measuring --ends of both logs known--> matching --target's tail read--> running
//   running --too much in flight--> held --half of it settled--> running
//   running --a schema id is unknown--> running, not read --it is known, or late--> read again
//   running --a batch cannot be read--> settling, measuring --> probing
//   probing --its end found--> measuring | parked
//   matching --processes died, perhaps of it--> suspected --its turn--> measuring, matching,
//   running any --must stop--> settling --every outcome known--> measuring | parked | paused |
//   closed parked --its time has come--> measuring;  paused --resumed--> measuring
//
// Units:   source offsets unless a name says target.
// Errors:  none here; Shard decides, this is what it decides upon.
// Threads: a value of the shard's thread.
// Invariant: next_fetch >= position(); the ledger holds exactly the records of
//            [position(), next_fetch) that were handed to the sink and have no outcome yet.
//            position() < map.next_source() only while records are copied once more.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "lagcalc/histogram.h"
#include "lagcalc/offset_map.h"
#include "lagcalc/rate.h"
#include "lagcalc/recent_mean.h"
#include "mirror/flow_config.h"
#include "mirror/groups/sync_cadence.h"
#include "mirror/hops/group_watch.h"
#include "mirror/hops/hop_watch.h"
#include "mirror/late_window.h"
#include "mirror/ledger.h"
#include "mirror/one_by_one.h"
#include "mirror/ports.h"
#include "mirror/priority.h"
#include "mirror/shard_gate.h"
#include "mirror/shard_messages.h"
#include "mirror/state/map_writer.h"
#include "mirror/state/records.h"
#include "mirror/step_over.h"
#include "mirror/tail_match.h"
#include "mirror/traces/trace_watch.h"
#include "mirror/trial.h"
#include "mirror/why/waits.h"

namespace longspan {

enum class Phase : std::uint8_t {
  measuring,  // waits for the ends of both logs
  matching,   // reads the target's tail
  probing,    // looks for the end of a batch that cannot be read
  suspected,  // waits for its turn to be read alone
  running,
  held,      // the source is stopped until half of what is in flight is settled
  settling,  // the source is stopped; waits for the outcome of what is in flight
  parked,    // waits for retry_at or a command
  paused,    // waits for a command
  closed,    // may be removed
};

struct Partition {
  using Steady = std::chrono::steady_clock::time_point;

  Partition() = default;
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;
  ~Partition() { ledger.clear(); }  // no longer counted as in flight

  // Constant after construction.
  PartitionIndex index = 0;
  std::int32_t slot = 0;
  PartitionIdentity identity;
  TopicPartition target;

  Priority priority = Priority::normal;  // changed only while it is not read
  Phase phase = Phase::measuring;
  Phase after_settling = Phase::measuring;
  bool is_reading = false;                     // the source delivers it
  bool is_open = false;                        // the sink knows it
  bool is_paused = false;                      // by command
  bool is_removed = false;                     // no longer to be mirrored; goes when it is closed
  bool is_recreated = false;                   // another topic of its name was mirrored before
  std::unique_ptr<AddPartition> successor;     // a recreated topic's, added when this one is gone
  StartFrom start_from = StartFrom::earliest;  // where there is no position
  int source_failures = 0;                     // in a row, without a record in between
  int quiet_retries = 0;                       // measurings in a row that a passing trouble spoiled
  std::string reason;  // of parked and paused; stays until records flow again
  std::optional<Stop> stopped_by;
  std::optional<Stop> accepted;            // and not yet gone over
  std::optional<Stop> must_stop;           // by policy, at the next tick; nothing is offered before
  bool must_copy_again = false;            // what late requests may have covered, from next tick on
  std::optional<Remedy> set_position;      // by an operator, to be carried out when measured
  std::optional<Stop> set_over;            // what it stopped for then
  std::optional<TimestampMs> remedied_at;  // of the newest remedy that was taken ...
  std::optional<TimestampMs> carried_out_at;  // ... and of the newest that nothing is left of to do
  Steady retry_at{};
  static constexpr std::chrono::seconds kPatience{10};
  // The client library may never say a word about a topic that it knew in a former life.
  static constexpr std::chrono::seconds kPatienceRecreated{2};
  Steady read_at{};                           // when it was last not waiting for its next record
  std::chrono::seconds patience = kPatience;  // how long it waits for one that is there
  std::chrono::milliseconds backoff{0};

  Offset next_fetch;
  Ledger ledger;
  std::int64_t queued = 0;             // of its records and ends, how many wait in the shard
  Steady acked_at{};                   // when its last acknowledgement came
  Steady waits_since{};                // when the first of what is in flight was given to the sink
  std::int64_t proven_on = 0;          // the sink, by number, whose requests the target knows
  std::int64_t measured_on = 0;        // the sink, by number, it was last measured for
  std::optional<LateWindow> late;      // once it was measured
  int copied_again = 0;                // how often, since `late` began
  std::int64_t failed = 0;             // records of the ledger whose outcome is "not written"
  std::int64_t acked_somewhere = 0;    // written, but the broker did not say where
  std::optional<Error> failure;        // the first one, while settling
  std::optional<OneByOne> one_by_one;  // while the target refuses records
  bool is_at_end = false;              // the source had no more at the last delivery
  std::optional<Offset> source_end;    // as far as known
  std::optional<LeaderEpoch> leader_epoch;
  std::optional<TopicId> target_id;    // of the topic that holds the copies; absent: not known
  std::optional<TopicId> source_id;    // where `identity` has none, for it was not known then
  std::optional<Offset> truncated_to;  // from there on the source holds other records now
  std::optional<Steady> asked_cut_at;  // when the source was first asked where that is
  // From there on the target does: an acknowledgement below what is mapped told it, while the log
  // may be as long as before by the time it is measured.
  std::optional<Offset> target_cut_to;
  Offset source_start;  // of the log, when it was last measured
  // As of the last report of both logs' ends.
  std::optional<Offset> seen_position;
  std::optional<Offset> seen_target;
  struct OpenTransaction {
    Offset at;  // the first offset that cannot be read
    Steady since;
    Steady seen_at;  // by the last report of ends that has it
    bool is_told = false;
  };
  std::optional<OpenTransaction> open_transaction;
  WaitWatch waits;
  std::deque<std::pair<Offset, Steady>> written_marks;  // the target's next offset, and when
  std::optional<Position> restored;                     // until it was measured once
  std::vector<OffsetRange> named;  // of the target, by former owners: behind their position
  std::optional<TailMatch> tail;
  std::optional<Trial> trial;         // processes died, perhaps of it
  std::optional<Error> blame;         // to be parked with, once it is restored
  int fruitless_trials = 0;           // in a row, that showed nothing
  Steady delivered_at{};              // when its last records were fetched
  std::optional<Error> unreadable;    // why the batch at next_fetch cannot be read
  std::optional<StepOver> step_over;  // while probing
  bool must_probe = false;            // as soon as it is measured
  bool has_probe_answer = false;      // the next reading is due
  bool is_gated = false;              // its records wait for schema ids
  ShardGate::Seat seat;
  HopWatch::Passage hops;
  TraceWatch::Passage traces;
  GroupWatch::Log group_log;         // of the target's groups
  GroupWatch::Log source_group_log;  // of the source's
  struct GoneUnknown {
    Offset from;
    Offset to;
    std::int64_t records = 0;
  };
  std::optional<GoneUnknown> gone_unknown;  // since it was last told
  Offset unknown_up_to;                     // what went on so, told or not

  bool has_position = false;  // a position was persisted or the start is decided
  // The start is in the outbox, this far; nothing is read before it is on the target. Else a crash
  // would begin a second time, behind copies that no position knows of.
  std::optional<std::int64_t> start_put;
  std::int64_t measure_number = 0;  // of the last Measure asked for
  std::int32_t epoch = 0;
  bool is_dirty = false;  // the position moved since it was written
  // Exactly once: what the last commit says, what the next one will say, and whether a commit's
  // marker follows the last copy.
  std::optional<Offset> committed;
  std::optional<Offset> committing;
  bool is_in_transaction = false;
  bool has_marker = false;
  Steady written_at{};
  std::string written_reason;          // of the position last written
  std::optional<Offset> written_next;  // next_source of the position last written ...
  TimestampMs moved_at;                // ... and since when it is that
  OffsetMap map;
  std::unique_ptr<MapWriter> map_writer;
  std::vector<std::int32_t> stale_epochs;  // to be tombstoned with the first position
  std::optional<OffsetSyncCadence> cadence;

  struct Fingerprint {
    Offset offset;
    std::uint64_t value = 0;
  };
  std::optional<Fingerprint> fingerprint_ahead;  // of a record still in flight
  std::optional<Fingerprint> fingerprint_done;

  // The last event of each kind that may come with every acknowledgement.
  struct RangeEvent {
    Event event;
    std::string text;  // of one range
    std::int64_t ranges = 0;
    std::int64_t offsets = 0;
    int begun = 0;  // events of this kind since ...
    Steady since{};
    bool has_grown = false;  // since it was written
  };
  std::map<EventKind, RangeEvent> range_events;

  // Counted since this process has it.
  std::int64_t records_total = 0;
  std::int64_t bytes_total = 0;
  std::int64_t written_twice_total = 0;
  std::optional<TimestampMs> last_timestamp;
  RateMeter record_rate{10};
  RateMeter byte_rate{10};
  RecentMean record_bytes;
  RateMeter source_rate{10};  // of the source's end

  // kNoTopicId: not known.
  [[nodiscard]] TopicId known_source_id() const {
    return identity.topic_id != kNoTopicId ? identity.topic_id : source_id.value_or(kNoTopicId);
  }
  // Everything below is on the target or accounted for.
  [[nodiscard]] Offset position() const {
    const auto oldest = ledger.oldest();
    return oldest ? oldest->source_start : next_fetch;
  }
  void set_recreated() {
    is_recreated = true;
    patience = kPatienceRecreated;
  }
  // The source's log ends before our position, but may have been cut back further and grown since:
  // by the epoch of what was read last it says where, as soon as it is read (KIP-320). False: it
  // is where the log ends, for nobody says more.
  [[nodiscard]] bool asks_where_it_was_cut(Offset log_start, Steady now) {
    constexpr std::chrono::seconds kAnswersWithin{3};
    if (truncated_to || !leader_epoch || leader_epoch->up_to < log_start) return false;
    if (!asked_cut_at) asked_cut_at = now;
    return now - *asked_cut_at < kAnswersWithin;
  }
  // Everything below is on the target at least once.
  [[nodiscard]] Offset copied_up_to() const { return std::max(position(), map.next_source()); }
  // Where the second copy goes on; copied_up_to() or beyond it: there is none.
  [[nodiscard]] Offset copy_again_from() const {
    return must_copy_again ? late->older : position();
  }
  // In trouble, or not yet proven to be out of it.
  [[nodiscard]] bool is_parked() const {
    return phase == Phase::parked || (!reason.empty() && !is_paused);
  }
  // Measuring again shows nothing: the records that stopped it are behind the position, or reading
  // them is what must not be done.
  [[nodiscard]] bool needs_acceptance() const {
    if (!stopped_by) return false;
    if (stopped_by->kind == EventKind::partition_suspected) {
      return trial && trial->deaths >= kDeathsForGood;
    }
    return stopped_by->kind == EventKind::unexpected_target_offset ||
           stopped_by->kind == EventKind::tail_mismatch;
  }
  // Exactly once: the marker of our last commit takes the offset behind our last copy, or that of
  // somebody else's record, which came before it.
  [[nodiscard]] bool ends_with_marker() const {
    const Offset next = map.next_target();
    const auto at = [this](Offset offset) { return map.to_source(offset).exactness; };
    return next >= Offset{2} && at(next - Records{1}) != Exactness::exact &&
           at(next - Records{2}) == Exactness::exact;
  }
  // Gone from the target; what stands there is compared with what comes next.
  void forget_copies_from(Offset end) {
    has_marker = false;
    named.clear();
    target_cut_to.reset();
    map.set_next_target(end);
    map_writer->cut(map);
    is_dirty = true;
  }
  // An acknowledgement named it; copies without an offset stand in front of it. To be written at
  // once: who comes next would not see it in the log.
  void note_target_cut(Offset acked) {
    const Offset to = acked - Records{std::min(acked_somewhere, acked.value)};
    target_cut_to = std::min(to, target_cut_to.value_or(to));
    is_dirty = true;
    written_at = {};
  }
  // A remedy that was taken and is not carried out is taken once more by whoever comes next.
  void note_remedies(Position& position) {
    if (!accepted && !set_position) carried_out_at = remedied_at;
    position.remedied_at = carried_out_at;
    position.stopped_by = stop_to_keep();
  }
  // What stops it as long as nothing was carried out: also what will at the next tick, and what a
  // remedy that is still open was for.
  [[nodiscard]] std::optional<Stop> stop_to_keep() const {
    if (must_stop) return must_stop;
    if (accepted) return accepted;
    return set_position ? set_over : stopped_by;
  }
  // Gone over, or nothing is left of what was accepted.
  void end_acceptance() {
    if (std::exchange(accepted, std::nullopt)) is_dirty = true;
  }
  // Every record handed to the sink has its outcome.
  [[nodiscard]] bool is_settled() const { return ledger.records() == failed + acked_somewhere; }
};

}  // namespace longspan
