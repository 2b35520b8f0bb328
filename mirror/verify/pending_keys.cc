#include "mirror/verify/pending_keys.h"

#include <algorithm>

namespace longspan {

namespace {

constexpr std::int64_t kEntryBytes = 96;  // node, bucket and string of an unordered_map

std::int64_t cost_of(std::string_view key) {
  return kEntryBytes + static_cast<std::int64_t>(key.size());
}

}  // namespace

void PendingKeys::wait_for(const Record& record) {
  if (!record.key) {
    ++keyless_;
    first_keyless_ = first_keyless_.value_or(record.offset);
    return;
  }
  const std::string key(*record.key);
  auto found = waiting_.find(key);
  if (found == waiting_.end()) {
    if (bytes_ + cost_of(key) > bytes_max_) {
      ++undecided_full_;
      return;
    }
    bytes_ += cost_of(key);
    found = waiting_.emplace(key, Waiting{0, record.offset, false}).first;
  }
  ++found->second.count;
  found->second.ends_in_tombstone = !record.value.has_value();
}

void PendingKeys::found(const std::optional<std::string_view>& key) {
  if (!key || waiting_.empty()) return;
  const auto entry = waiting_.find(std::string(*key));
  if (entry == waiting_.end()) return;
  justified_ += entry->second.count;
  bytes_ -= cost_of(*key);
  waiting_.erase(entry);
}

PendingKeys::Rest PendingKeys::rest() const {
  Rest rest;
  rest.missing = keyless_;
  rest.first_missing = first_keyless_;
  rest.undecided_full = undecided_full_;
  for (const auto& [key, waiting] : waiting_) {
    if (waiting.ends_in_tombstone) {
      rest.undecided_tombstones += waiting.count;
      continue;
    }
    rest.missing += waiting.count;
    rest.first_missing = std::min(rest.first_missing.value_or(waiting.first), waiting.first);
  }
  return rest;
}

}  // namespace longspan
