#include "mirror/marks/covered_time.h"

#include <algorithm>
#include <iterator>

namespace longspan {

void CoveredTime::add(TimestampMs from, TimestampMs to) {
  if (from >= to) return;
  auto at = spans_.upper_bound(from);
  if (at != spans_.begin() && std::prev(at)->second >= from) --at;
  while (at != spans_.end() && at->first <= to) {
    from = std::min(from, at->first);
    to = std::max(to, at->second);
    at = spans_.erase(at);
  }
  spans_[from] = to;
}

std::int64_t CoveredTime::covered_ms(TimestampMs from, TimestampMs to) const {
  std::int64_t sum = 0;
  auto at = spans_.upper_bound(from);
  if (at != spans_.begin()) --at;
  for (; at != spans_.end() && at->first < to; ++at) {
    sum += std::max<std::int64_t>(0, std::min(to, at->second) - std::max(from, at->first));
  }
  return sum;
}

std::vector<std::pair<TimestampMs, TimestampMs>> CoveredTime::left_of(TimestampMs from,
                                                                      TimestampMs to) const {
  std::vector<std::pair<TimestampMs, TimestampMs>> out;
  auto at = spans_.upper_bound(from);
  if (at != spans_.begin()) from = std::max(from, std::prev(at)->second);
  for (; at != spans_.end() && at->first < to; ++at) {
    out.emplace_back(from, at->first);
    from = at->second;
  }
  if (from < to) out.emplace_back(from, to);
  return out;
}

}  // namespace longspan
