#include "tests/chaos/expiring_topic.h"

#include "tests/chaos/audit.h"

namespace longspan::chaos {
namespace {

constexpr size_t kPortions = 4;  // the first may still reach a reader that had asked already
constexpr size_t kPortion = 25;

}  // namespace

ExpiringTopic::ExpiringTopic(const harness::Clusters& clusters)
    : topic_(clusters, {.name = "expiring", .replicas = 3}) {
  topic_.write(kPortion);
}

std::string ExpiringTopic::overrun(uint64_t random) {
  const int64_t begin = topic_.end();
  for (size_t i = 0; i < kPortions; ++i) topic_.write(kPortion);
  const int64_t end = topic_.end();
  const int64_t start = end - static_cast<int64_t>(random % kPortion);
  topic_.delete_before(start);
  return "written [" + std::to_string(begin) + ", " + std::to_string(end) + "), deleted before " +
         std::to_string(start);
}

// A record is on the target or in a named range, never both: so the ranges are exact.
std::vector<std::string> ExpiringTopic::check(const NamedEvents& events) const {
  const auto target = topic_.target();
  const auto named = events.offsets(topic_.name(), 0, {"source_expired"});
  std::set<int64_t> copied;
  for (const auto& record : target) copied.insert(record.timestamp_ms);
  std::set<int64_t> lost, named_wrongly;
  std::vector<harness::Record> kept;
  for (const auto& record : topic_.written()) {
    const bool is_copied = copied.contains(record.timestamp_ms);
    const bool is_named = named.contains(record.offset);
    if (is_copied) kept.push_back(record);
    if (!is_copied && !is_named) lost.insert(record.offset);
    if (is_copied && is_named) named_wrongly.insert(record.offset);
  }
  auto audit = audit_copies(kept, target, events.offsets(topic_.name(), 0, kSecondCopyKinds));
  if (!lost.empty()) {
    audit.faults.push_back("expired without a source_expired: " + ranges_of(lost));
  }
  if (!named_wrongly.empty()) {
    audit.faults.push_back("in a source_expired, yet copied: " + ranges_of(named_wrongly));
  }
  return audit.faults;
}

}  // namespace longspan::chaos
