#include "mirror/tail_match.h"

#include <algorithm>

#include "mirror/traces/copy_context.h"

namespace longspan {

bool TailMatch::add(const Record& target) {
  if (target.offset >= to_ || expected_.size() >= records_max_) {
    if (target.offset < to_) unread_from_ = target.offset;
    read_up_to_ = to_;
    return false;
  }
  const bool is_named = std::any_of(named_.begin(), named_.end(), [&](const OffsetRange& range) {
    return range.contains(target.offset);
  });
  if (!is_named) {
    expected_.push_back({target.offset, fingerprint_beside_pathways(target)});
    if (const auto span = hops_ ? named_span(target) : std::nullopt) {
      in_trace_.push_back({target.offset, *span, fingerprint_beside_traces(target)});
    }
  }
  read_up_to_ = target.offset.next();
  return read_up_to_ < to_;
}

std::optional<Offset> TailMatch::match(const Record& source) {
  if (is_done()) return std::nullopt;
  const Expected next = expected_.front();
  if (!is_copy(next, source)) {
    is_broken_ = true;
    return std::nullopt;
  }
  expected_.pop_front();
  ++matched_;
  if (!first_matched_) first_matched_ = next.target;
  return next.target;
}

bool TailMatch::is_copy(const Expected& expected, const Record& source) {
  if (expected.fingerprint == fingerprint_beside_pathways(source)) return true;
  while (!in_trace_.empty() && in_trace_.front().target < expected.target) in_trace_.pop_front();
  if (in_trace_.empty() || in_trace_.front().target != expected.target) return false;
  const InTrace& copy = in_trace_.front();
  return copy.span == hops_->span(source.offset) &&
         copy.beside == fingerprint_beside_traces(source);
}

Offset TailMatch::unmatched_from() const {
  if (!expected_.empty()) return expected_.front().target;
  if (unread_from_) return *unread_from_;
  // Control records at the end of the tail belong to nobody's data.
  return to_;
}

}  // namespace longspan
