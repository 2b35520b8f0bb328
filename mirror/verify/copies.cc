#include "mirror/verify/copies.h"

#include <algorithm>

namespace longspan {

void Copies::saw_source(std::uint64_t fingerprint) {
  twice_ += static_cast<std::int64_t>(waiting_.erase(fingerprint));
  if (waiting_.empty()) order_.clear();
  recent_.push_back(fingerprint);
  ++recent_count_[fingerprint];
  if (recent_.size() <= kWindow) return;
  const auto oldest = recent_count_.find(recent_.front());
  if (--oldest->second == 0) recent_count_.erase(oldest);
  recent_.pop_front();
}

void Copies::saw_extra(std::uint64_t fingerprint, Offset target) {
  if (recent_count_.contains(fingerprint)) {
    ++twice_;
    return;
  }
  waiting_.emplace(fingerprint, target);
  order_.emplace_back(fingerprint, target);
  while (order_.size() > kWindow) give_up_oldest();
}

void Copies::give_up_oldest() {
  const auto [fingerprint, target] = order_.front();
  order_.pop_front();
  const auto [first, last] = waiting_.equal_range(fingerprint);
  const auto found = std::find_if(first, last, [&](const auto& w) { return w.second == target; });
  if (found == last) return;
  waiting_.erase(found);
  ++undecided_;
}

std::int64_t Copies::foreign_below(Offset target) const {
  return std::count_if(waiting_.begin(), waiting_.end(),
                       [&](const auto& waiting) { return waiting.second < target; });
}

std::optional<Offset> Copies::first_foreign(Offset at_or_after) const {
  std::optional<Offset> first;
  for (const auto& [fingerprint, target] : waiting_) {
    if (target >= at_or_after) first = std::min(first.value_or(target), target);
  }
  return first;
}

}  // namespace longspan
