#include "mirror/read_budget.h"

#include <algorithm>

namespace longspan {
namespace {

double part_of(std::int64_t rate, const ReadBudget::Part& part) {
  const double owned = std::max(part.owned, 1);
  return static_cast<double>(rate) * owned / std::max(part.slots, 1);
}

}  // namespace

void ReadBudget::set(const LiveSettings& settings, Part part, Steady now) {
  const std::lock_guard lock(mutex_);
  flow_.set_rate(part_of(settings.throttle, part), now);
  bucket(Priority::high).set_rate(part_of(settings.throttle_high, part), now);
  bucket(Priority::normal).set_rate(part_of(settings.throttle_normal, part), now);
  floor_.set_percent(settings.priority_floor_percent);
  floor_percent_.store(settings.priority_floor_percent);
  is_throttled_.store(settings.throttle > 0 || settings.throttle_high > 0 ||
                      settings.throttle_normal > 0);
}

void ReadBudget::note_high(std::int32_t shard, HighWork work) {
  const std::lock_guard lock(mutex_);
  if (work == HighWork::none) {
    work_.erase(shard);
  } else {
    work_[shard] = work;
  }
  const bool is_behind = std::any_of(work_.begin(), work_.end(),
                                     [](const auto& at) { return at.second == HighWork::behind; });
  if (is_behind && !is_high_behind_.load()) floor_.begin();
  is_high_behind_.store(is_behind);
  has_high_.store(!work_.empty());
}

ReadBudget::Room ReadBudget::room(Priority priority, Steady now) {
  const std::lock_guard lock(mutex_);
  Room room;
  const auto bound = [&room](std::optional<std::int64_t> bytes, HeldBack why) {
    if (!bytes || (room.bytes && *room.bytes <= *bytes)) return;
    room = {bytes, *bytes > 0 ? HeldBack::no : why};
  };
  auto of_flow = flow_.level(now);
  const auto second = static_cast<std::int64_t>(flow_.rate());
  if (of_flow && priority == Priority::high) *of_flow += second;
  // High priority leaves nothing below that: what the floor allows goes in front of it.
  if (of_flow && priority == Priority::normal && is_high_behind_.load()) *of_flow += 2 * second;
  bound(of_flow, HeldBack::throttled);
  bound(bucket(priority).level(now), HeldBack::throttled);
  if (priority == Priority::normal && is_high_behind_.load()) {
    bound(floor_.level(), HeldBack::yields);
  }
  return room;
}

void ReadBudget::spend(Priority priority, std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  flow_.spend(bytes);
  bucket(priority).spend(bytes);
  if (!is_high_behind_.load()) return;
  if (priority == Priority::high) {
    floor_.earn(bytes);
  } else {
    floor_.spend(bytes);
  }
}

bool ReadBudget::is_used_up(Priority priority, Steady now) {
  const std::lock_guard lock(mutex_);
  const auto level = bucket(priority).level(now);
  return level && *level <= 0;
}

std::optional<double> ReadBudget::rate(Priority priority) const {
  const std::lock_guard lock(mutex_);
  std::optional<double> lowest;
  for (const double rate : {flow_.rate(), own_[index_of(priority)].rate()}) {
    if (rate > 0 && (!lowest || rate < *lowest)) lowest = rate;
  }
  return lowest;
}

}  // namespace longspan
