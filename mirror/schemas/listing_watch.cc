#include "mirror/schemas/listing_watch.h"

#include <algorithm>
#include <optional>

#include "mirror/schemas/workers.h"

namespace longspan {

void ListingWatch::saw(const Inventory& inventory) {
  for (const auto& [subject, entry] : inventory.subjects) {
    auto& numbers = seen_[subject];
    numbers.clear();
    for (const auto& [number, version] : entry.versions) numbers.push_back(number);
  }
}

RegistryResult<std::set<Subject>> ListingWatch::turn(const SubjectChoice& wants) {
  const auto listed = registry_.subjects(true);
  if (!listed) return listed.error();
  std::set<Subject> out;
  for (const Subject& subject : *listed) {
    if (wants(subject) && seen_.try_emplace(subject).second) out.insert(subject);
  }
  const auto asked = next_in_turn();
  std::vector<std::optional<RegistryResult<Versions>>> answers(asked.size());
  for_each_at_once(asked.size(), kRequestsAtOnce,
                   [&](std::size_t i) { answers[i] = registry_.versions(asked[i], true); });
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto& answer = *answers[i];
    if (!answer && answer.error().kind == RegistryError::Kind::unreachable) return answer.error();
    if (!answer || seen_[asked[i]] == *answer) continue;
    seen_[asked[i]] = *answer;
    out.insert(asked[i]);
  }
  return out;
}

// Those behind the last one, and round again.
std::vector<Subject> ListingWatch::next_in_turn() {
  std::vector<Subject> out;
  const std::size_t count = std::min(kListsATurn, seen_.size());
  auto at = seen_.upper_bound(last_);
  while (out.size() < count) {
    if (at == seen_.end()) at = seen_.begin();
    out.push_back((at++)->first);
  }
  if (!out.empty()) last_ = out.back();
  return out;
}

}  // namespace longspan
