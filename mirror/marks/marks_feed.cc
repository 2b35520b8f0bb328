#include "mirror/marks/marks_feed.h"

#include <algorithm>

namespace longspan {

bool MarksFeed::is_wanted(std::string_view bytes, OtherMark& head) {
  auto decoded = decode_head(bytes);
  if (!decoded) {
    fold_.add_unreadable();
    return false;
  }
  head = std::move(*decoded);
  first_at_ = std::min(first_at_.value_or(head.head.at), head.head.at);
  return head.head.at < until_;
}

void MarksFeed::keep(std::string_view bytes) {
  OtherMark mark;
  if (!is_wanted(bytes, mark) || !is_positions(mark)) return;
  kept_[{mark.head.process, mark.head.started_at}].push_back({mark.head.at, std::string(bytes)});
  held_bytes_ += std::ssize(bytes);
  held_bytes_max_ = std::max(held_bytes_max_, held_bytes_);
}

void MarksFeed::add(std::string_view bytes) {
  OtherMark head;
  if (!is_wanted(bytes, head)) return;
  const auto mark = decode_mark(bytes);
  if (!mark) return fold_.add_unreadable();
  if (const auto* positions = std::get_if<PositionsMark>(&*mark); positions && positions->base) {
    take({positions->head.process, positions->head.started_at}, *positions->base);
  }
  fold_.add(*mark);
}

// Up to the set that was written at `base`; where that is not there, nothing.
void MarksFeed::take(const ProcessKey& process, TimestampMs base) {
  const auto found = kept_.find(process);
  if (found == kept_.end()) return;
  auto& queue = found->second;
  const auto is_base = [base](const Kept& kept) { return kept.at == base; };
  if (std::none_of(queue.begin(), queue.end(), is_base)) return;
  while (!is_base(queue.front())) take_first(queue);
  while (!queue.empty() && is_base(queue.front())) take_first(queue);
  if (queue.empty()) kept_.erase(found);
}

void MarksFeed::add_rest() {
  for (auto& [process, queue] : kept_) {
    while (!queue.empty()) take_first(queue);
  }
  kept_.clear();
}

void MarksFeed::take_first(Queue& queue) {
  const std::string bytes = std::move(queue.front().bytes);
  queue.pop_front();
  held_bytes_ -= std::ssize(bytes);
  fold(bytes);
}

void MarksFeed::fold(std::string_view bytes) {
  const auto mark = decode_mark(bytes);
  if (mark) {
    fold_.add(*mark);
  } else {
    fold_.add_unreadable();
  }
}

}  // namespace longspan
