// mirror/trial.h - which partition do the processes die of?
//
// A batch that inflates beyond the memory there is kills the process in the client library's
// threads, and kills whoever takes the slot over. So a new owner looks at the record of the one
// before: when it died soon after it took the slot, and so did the one before it, each partition of
// the slot that has unread records and did not move in that life is a suspect. Suspects are read
// one at a time, each behind a mark in the state (Trial); who restores a mark of a dead owner knows
// what it died of.
//
// Units:   wall clock of the processes' hosts. Where they differ it takes a death more, or an
//          innocent partition is tried, which costs it its turn.
// Errors:  none.
// Threads: deaths_of() is a function of its arguments; TrialTurn from any thread.
// Source:  ARCHITECTURE.md, "Processes that die of what they read".
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "lagcalc/topic_partition.h"
#include "mirror/state/records.h"

namespace longspan {

// An owner that died sooner than this after it took the slot may have died of what it read.
inline constexpr std::chrono::seconds kDiedYoung{60};
// So many deaths in trials of one partition are no coincidence: only an operator has it read again.
inline constexpr std::int32_t kDeathsForGood = 2;

// Of those who owned a slot before.
struct Deaths {
  bool is_own = false;       // the last owner was this process, and did not release the slot
  bool died = false;         // the last owner did not release it, and was another process
  bool is_repeated = false;  // it died young, and the one before it had died, too
  TimestampMs since;         // when the last owner took the slot
};

// `process` asks, which began at `started_at`: what it owned itself it did not die of.
[[nodiscard]] Deaths deaths_of(const std::optional<Owner>& before, const std::string& process,
                               TimestampMs started_at);

// Whose turn it is: one partition is tried at a time in all shards of a flow in this process.
class TrialTurn {
 public:
  [[nodiscard]] bool try_take() { return !is_taken_.exchange(true); }
  void give_back() { is_taken_.store(false); }

 private:
  std::atomic<bool> is_taken_{false};
};

// The partition whose turn it is, of those that processes may have died of.
struct TrialRun {
  std::int32_t slot = 0;
  TopicPartition source;
  std::chrono::steady_clock::time_point begun;
  std::optional<std::chrono::steady_clock::time_point> read_since;
  std::optional<std::int64_t> ended_put;  // the position without the mark is among so many
};

}  // namespace longspan
