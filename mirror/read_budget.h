// mirror/read_budget.h - how much a flow's shards may read here, by priority: throttles and floor.
//
// One for all shards of a flow in a process: a throttle bounds them together, and high priority in
// one shard holds back the others in every shard. Of a flow's throttle a process has the part of
// the slots it owns, so that the processes of a flow keep it together. Nothing is dropped: what may
// not be read now is read later.
//
// Units:   bytes of keys and values as they are read.
// Errors:  none.
// Threads: any; a mutex that is never held while something waits. Where nothing is bounded and no
//          topic has high priority, is_needed() is all that is asked.
// Limits:  a burst of one second's worth; above that high priority may borrow another one of the
//          flow's throttle, so that what the others read before does not delay it, and while it is
//          behind the others' floor one more.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "mirror/floor_share.h"
#include "mirror/live_settings.h"
#include "mirror/priority.h"
#include "mirror/token_bucket.h"

namespace longspan {

// What a shard's partitions of high priority are at.
enum class HighWork : std::uint8_t {
  none,       // it has no such partition
  caught_up,  // or waits for something else than being read
  behind,     // records are there to be read
};

class ReadBudget {
 public:
  using Steady = TokenBucket::Steady;

  // `owned` of the flow's `slots` are this process's.
  struct Part {
    std::int32_t owned = 1;
    std::int32_t slots = 1;
  };
  void set(const LiveSettings& settings, Part part, Steady now);
  void note_high(std::int32_t shard, HighWork work);

  struct Room {
    std::optional<std::int64_t> bytes;  // absent: as much as there is
    HeldBack why = HeldBack::no;        // when there is none
  };
  [[nodiscard]] Room room(Priority priority, Steady now);
  void spend(Priority priority, std::int64_t bytes);
  // The priority's own throttle, not the flow's, lets nothing more be read now.
  [[nodiscard]] bool is_used_up(Priority priority, Steady now);

  // False: room() is always unbounded and spend() does nothing.
  [[nodiscard]] bool is_needed() const { return is_throttled_.load() || has_high_.load(); }
  // A partition of high priority is mirrored by this process.
  [[nodiscard]] bool has_high() const { return has_high_.load(); }
  [[nodiscard]] bool is_high_behind() const { return is_high_behind_.load(); }
  [[nodiscard]] std::int64_t floor_percent() const { return floor_percent_.load(); }
  // The bound in force here for this priority; absent: none.
  [[nodiscard]] std::optional<double> rate(Priority priority) const;

 private:
  [[nodiscard]] TokenBucket& bucket(Priority priority) { return own_[index_of(priority)]; }

  mutable std::mutex mutex_;
  TokenBucket flow_;                // protected by mutex_, as all up to `work_`
  std::array<TokenBucket, 2> own_;  // by priority
  FloorShare floor_;
  std::map<std::int32_t, HighWork> work_;  // by shard
  std::atomic<bool> is_throttled_{false};
  std::atomic<bool> has_high_{false};
  std::atomic<bool> is_high_behind_{false};
  std::atomic<std::int64_t> floor_percent_{10};
};

}  // namespace longspan
