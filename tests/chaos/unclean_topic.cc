#include "tests/chaos/unclean_topic.h"

#include <set>

#include "tests/chaos/audit.h"

namespace longspan::chaos {
namespace {

constexpr size_t kPortion = 30;

std::set<int64_t> timestamps_of(const std::vector<harness::Record>& records) {
  std::set<int64_t> all;
  for (const auto& record : records) all.insert(record.timestamp_ms);
  return all;
}

}  // namespace

// Not on node 1: that one is the controller, too.
UncleanTopic::UncleanTopic(const harness::Clusters& clusters)
    : topic_(clusters, {.name = "unclean",
                        .configs = {{"unclean.leader.election.enable", "true"}},
                        .brokers = {2, 3}}) {
  topic_.write(kPortion);
}

std::string UncleanTopic::lose_records(Brokers& brokers, uint64_t random) {
  const int ahead = random % 2 == 0 ? 2 : 3;
  const int behind = 5 - ahead;
  const bool is_copied = random / 2 % 4 != 0;
  const size_t more = random / 8 % (2 * kPortion);
  topic_.write(1);
  brokers.kill_hard("source", behind);
  topic_.write(kPortion);
  if (is_copied && !topic_.wait_until_copied()) problems_.push_back("not copied in 60 s");
  brokers.kill_hard("source", ahead);
  brokers.start("source", behind);
  const int64_t end = topic_.end();  // waits for the new leader
  topic_.write(more);
  brokers.start("source", ahead);
  return "leader " + std::to_string(behind) + " ends at " + std::to_string(end) + ", lost " +
         std::to_string(kPortion) + (is_copied ? " that were copied, " : ", ") +
         std::to_string(more) + " written since";
}

std::vector<std::string> UncleanTopic::check(const NamedEvents& events) const {
  std::vector<std::string> faults = problems_;
  const auto source = topic_.source();
  const auto target = topic_.target();
  const auto in_source = timestamps_of(source);
  const auto in_target = timestamps_of(target);
  const auto named = events.offsets(topic_.name(), 0, kLossKinds);
  std::set<int64_t> lost, unnamed;
  for (const auto& record : source) {
    const bool is_known = in_target.contains(record.timestamp_ms) || named.contains(record.offset);
    if (!is_known) lost.insert(record.offset);
  }
  for (const auto& record : topic_.written()) {
    const bool is_gone = !in_source.contains(record.timestamp_ms);
    const bool is_copied = in_target.contains(record.timestamp_ms);
    if (is_gone && is_copied && !named.contains(record.offset)) unnamed.insert(record.offset);
  }
  if (!lost.empty()) faults.push_back("LOST without an event, source offsets " + ranges_of(lost));
  if (!unnamed.empty()) {
    faults.push_back("copied, lost by the source since, in no source_truncated: " +
                     ranges_of(unnamed));
  }
  return faults;
}

}  // namespace longspan::chaos
