#include "mirror/event_log.h"

#include <algorithm>
#include <utility>

namespace longspan {

void EventLog::add(SlotEvent told) {
  ++totals_[told.event.kind];
  recent_.push_back(std::move(told));
  if (recent_.size() > kRecentEventsMax) recent_.pop_front();
}

void EventLog::add_uncommitted(SlotEvent told) { uncommitted_.push_back(std::move(told)); }

void EventLog::grow(const SlotEvent& told) {
  for (auto* list : {&recent_, &uncommitted_}) {
    for (SlotEvent& before : *list) {
      const bool is_it = before.slot == told.slot && before.event.number == told.event.number;
      if (is_it) before.event = told.event;
    }
  }
}

void EventLog::commit() {
  for (; committing_ > 0; --committing_) {
    add(std::move(uncommitted_.front()));
    uncommitted_.pop_front();
  }
}

void EventLog::settle(std::int32_t slot, const std::vector<Event>& committed) {
  committing_ = 0;
  for (auto& told : std::exchange(uncommitted_, {})) {
    const bool is_there = std::any_of(committed.begin(), committed.end(), [&](const Event& event) {
      return event.number == told.event.number && event.at == told.event.at &&
             event.who == told.event.who;
    });
    if (told.slot == slot && is_there) add(std::move(told));
  }
}

}  // namespace longspan
