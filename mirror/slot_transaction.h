// mirror/slot_transaction.h - where the slot of an exactly-once shard stands.
//
//   absent --slot given--> waiting --its time has come--> fencing --initialised-->
//   reading --state read to its end--> open --commit interval over--> draining
//   draining --everything acknowledged, positions put--> writing --those acknowledged-->
//   committing --committed--> resting --the markers should stand--> open
//   any --trouble--> waiting (absent: the slot was given up)
//
// Trouble drops the sink and all that is in memory of the slot; what goes on is what the target
// says was committed. The same path serves a start, a take-over and an aborted transaction.
//
// Errors:  none here; Shard decides, this is what it decides upon.
// Threads: a value of the shard's thread.
// Limits:  kReplayedMax of the flow's own words are kept for a replay.
// Source:  ARCHITECTURE.md, "Exactly once".
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mirror/marker_rest.h"
#include "mirror/ports.h"
#include "mirror/shard_messages.h"
#include "mirror/state/slot_state.h"
#include "mirror/trial.h"

namespace longspan {

enum class TransactionPhase : std::uint8_t {
  absent,
  waiting,
  fencing,     // InitTransactions is out
  reading,     // the slot's state, as it is after the fencing
  resting,     // the markers of the one before are being written
  open,        // takes records
  draining,    // waits for acknowledgements
  writing,     // positions are on their way, in the same transaction
  committing,  // the coordinator was asked
};

struct SlotTransaction {
  static constexpr std::size_t kReplayedMax = 1000;

  TransactionPhase phase = TransactionPhase::absent;
  std::optional<std::int32_t> slot;  // given to us
  std::int32_t generation = 0;       // of the ownership group, when it was given
  Clock::Steady retry_at{};
  // We stood still, or were told: somebody else may own the slot, so nobody is fenced at once.
  bool is_in_doubt = false;

  std::unique_ptr<Source> reader;  // of the slot's state partition, while reading
  SlotState state;
  std::optional<Error> read_failure;
  bool is_read = false;
  bool has_read_some = false;  // in the last turn: there may be more at once

  bool is_used = false;  // something was given to the sink since begin()
  bool wants_commit = false;
  Clock::Steady used_at{};

  MarkerRest rest;
  Clock::Steady committed_at{};  // the one before
  Clock::Steady rests_until{};
  bool is_rest_known = true;  // what this transaction says of its rest

  // Of who owned the slot before it was given to us, and whose marks were looked at since.
  std::optional<Deaths> deaths;
  std::set<TopicPartition> looked_at;

  // What the flow told, to be told again when the slot is begun anew.
  std::map<TopicPartition, AddPartition> partitions;
  std::deque<ShardCommand> replayed;    // of what no commit covers yet
  std::size_t covered = 0;              // the first of them are in the transaction being committed
  std::vector<ShardCommand> postponed;  // came before the state was read

  // A record that the target refuses aborts everybody's transaction: the next one goes without its
  // partition.
  struct Refused {
    Error error;
    std::chrono::milliseconds backoff{0};
    bool is_parked = false;
  };
  std::map<TopicPartition, Refused> refused;
  // The same where such records are left out: they go one by one until then.
  struct LeftOut {
    Offset until;
    std::optional<Offset> offset;  // the refused one, once it went alone
    Error error;
  };
  std::map<TopicPartition, LeftOut> left_out;
  // What is not in the state of partitions that are begun anew.
  struct Kept {
    std::int64_t records = 0;
    std::int64_t bytes = 0;
    std::optional<Offset> target_cut_to;
  };
  std::map<TopicPartition, Kept> kept;

  [[nodiscard]] bool is_begun() const { return phase >= TransactionPhase::resting; }
  [[nodiscard]] bool reads_on() const {
    return phase == TransactionPhase::reading && has_read_some;
  }
  [[nodiscard]] bool takes_records() const { return phase == TransactionPhase::open; }
  [[nodiscard]] bool takes_state() const {
    return phase == TransactionPhase::open || phase == TransactionPhase::writing;
  }
  void note_use(Clock::Steady now) {
    if (!is_used) used_at = now;
    is_used = true;
  }
  void rest_after_commit(Clock::Steady now) {
    committed_at = now;
    rests_until = now + rest.begin();
    is_rest_known = false;
    phase = TransactionPhase::resting;
  }
  // Only where its records waited for the rest to end.
  void note_acked(Clock::Steady now) {
    if (is_rest_known) return;
    is_rest_known = true;
    if (used_at <= rests_until) rest.took(now - committed_at);
  }
  void replay_later(ShardCommand command) {
    replayed.push_back(std::move(command));
    if (replayed.size() <= kReplayedMax) return;
    replayed.pop_front();
    if (covered > 0) --covered;
  }
};

}  // namespace longspan
