#include "mirror/verify/copies.h"

#include <algorithm>

namespace longspan {

void Copies::saw_source(std::uint64_t fingerprint, KeyHash key) {
  twice_ += static_cast<std::int64_t>(waiting_.erase(fingerprint));
  if (key) found_later(*key);
  if (waiting_.empty()) {
    order_.clear();
    keys_.clear();
    has_later_key_.clear();
  }
  recent_.push_back(fingerprint);
  ++recent_count_[fingerprint];
  if (recent_.size() <= kWindow) return;
  const auto oldest = recent_count_.find(recent_.front());
  if (--oldest->second == 0) recent_count_.erase(oldest);
  recent_.pop_front();
}

void Copies::saw_target(KeyHash key) {
  if (key) found_later(*key);
}

void Copies::found_later(std::uint64_t key) {
  const auto [first, last] = keys_.equal_range(key);
  for (auto at = first; at != last; ++at) has_later_key_.insert(at->second.value);
  keys_.erase(first, last);
}

void Copies::saw_extra(std::uint64_t fingerprint, Offset target, KeyHash key) {
  if (recent_count_.contains(fingerprint)) {
    ++twice_;
    return;
  }
  waiting_.emplace(fingerprint, target);
  order_.push_back({fingerprint, target, key});
  if (key) keys_.emplace(*key, target);
  while (order_.size() > kWindow) give_up_oldest();
}

void Copies::give_up_oldest() {
  const Extra oldest = order_.front();
  order_.pop_front();
  drop_key(oldest);
  const auto [first, last] = waiting_.equal_range(oldest.fingerprint);
  const auto found =
      std::find_if(first, last, [&](const auto& w) { return w.second == oldest.target; });
  if (found == last) return;
  waiting_.erase(found);
  ++undecided_;
}

void Copies::drop_key(const Extra& extra) {
  has_later_key_.erase(extra.target.value);
  if (!extra.key) return;
  const auto [first, last] = keys_.equal_range(*extra.key);
  const auto found =
      std::find_if(first, last, [&](const auto& w) { return w.second == extra.target; });
  if (found != last) keys_.erase(found);
}

std::int64_t Copies::foreign() const {
  return std::count_if(waiting_.begin(), waiting_.end(),
                       [&](const auto& waiting) { return is_foreign(waiting.second); });
}

std::int64_t Copies::compacted() const {
  return static_cast<std::int64_t>(waiting_.size()) - foreign();
}

std::int64_t Copies::foreign_below(Offset target) const {
  return std::count_if(waiting_.begin(), waiting_.end(), [&](const auto& waiting) {
    return waiting.second < target && is_foreign(waiting.second);
  });
}

std::optional<Offset> Copies::first_foreign(Offset at_or_after) const {
  std::optional<Offset> first;
  for (const auto& [fingerprint, target] : waiting_) {
    if (target < at_or_after || !is_foreign(target)) continue;
    first = std::min(first.value_or(target), target);
  }
  return first;
}

}  // namespace longspan
