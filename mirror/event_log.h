// mirror/event_log.h - what a shard has told: how many events of each kind, and the newest ones.
//
// Under exactly once an event is a part of the transaction: it counts when that is committed. What
// an aborted one told is told again, if it is still so. Whether one of unknown outcome was
// committed shows when the slot is read again.
//
// Units:   events since the process began.
// Errors:  none.
// Threads: a value of the shard's thread.
// Limits:  recent() holds kRecentEventsMax; what is not committed, what one transaction tells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "mirror/snapshot.h"

namespace longspan {

class EventLog {
 public:
  void add(SlotEvent told);  // it counts at once
  void add_uncommitted(SlotEvent told);
  // It was told before under its number, and has grown.
  void grow(const SlotEvent& told);

  // What was told so far is in the transaction that is being committed.
  void begin_commit() { committing_ = uncommitted_.size(); }
  void commit();
  // Of what is not known to be committed, that which the slot holds was.
  void settle(std::int32_t slot, const std::vector<Event>& committed);

  [[nodiscard]] const std::map<EventKind, std::int64_t>& totals() const { return totals_; }
  [[nodiscard]] const std::deque<SlotEvent>& recent() const { return recent_; }  // oldest first

 private:
  std::map<EventKind, std::int64_t> totals_;
  std::deque<SlotEvent> recent_;
  std::deque<SlotEvent> uncommitted_;
  std::size_t committing_ = 0;  // so many of the first
};

}  // namespace longspan
