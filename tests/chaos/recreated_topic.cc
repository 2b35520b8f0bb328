#include "tests/chaos/recreated_topic.h"

#include <algorithm>
#include <set>

namespace longspan::chaos {
namespace {

constexpr size_t kPortion = 40;

}  // namespace

RecreatedTopic::RecreatedTopic(const harness::Clusters& clusters)
    : topic_(clusters, {.name = "recreated", .replicas = 3}), begins_{0} {
  topic_.write(kPortion);
}

std::string RecreatedTopic::recreate(uint64_t random) {
  const bool is_first_copied = random % 2 == 0;
  const size_t before = random / 2 % kPortion + 1;
  const size_t after = random / 100 % (3 * kPortion) + 1;
  topic_.write(before);
  if (is_first_copied && !topic_.wait_until_copied()) {
    problems_.push_back("not copied in 60 s before it was deleted");
  }
  topic_.remake();
  begins_.push_back(topic_.written().size());
  topic_.write(after);
  if (!topic_.wait_until_copied())
    problems_.push_back("not copied in 60 s after it was made again");
  return std::to_string(before) + (is_first_copied ? " more, copied; " : " more; ") +
         std::to_string(after) + " in the new one";
}

std::vector<std::string> RecreatedTopic::check(const NamedEvents& events) const {
  std::vector<std::string> faults = problems_;
  std::set<int64_t> copied;
  for (const auto& record : topic_.target()) copied.insert(record.timestamp_ms);
  std::multiset<int64_t> named;
  for (const auto& event : events.of(topic_.name(), {"topic_recreated"})) {
    if (event.from) named.insert(*event.from);
  }
  const auto& written = topic_.written();
  for (size_t i = 0; i < begins_.size(); ++i) {
    const bool is_last = i + 1 == begins_.size();
    const auto begin = written.begin() + static_cast<ptrdiff_t>(begins_[i]);
    const auto end =
        is_last ? written.end() : written.begin() + static_cast<ptrdiff_t>(begins_[i + 1]);
    const auto missing =
        std::find_if(begin, end, [&](const auto& r) { return !copied.contains(r.timestamp_ms); });
    const std::string which = "topic " + std::to_string(i + 1) + " of the name: ";
    if (is_last && missing != end) {
      faults.push_back(which + "LOST from offset " + std::to_string(missing->offset));
    }
    if (is_last) break;
    const int64_t first = missing == end ? std::prev(end)->offset + 1 : missing->offset;
    const auto event = named.find(first);
    if (event == named.end()) {
      faults.push_back(which + "no topic_recreated from " + std::to_string(first) +
                       (missing == end ? " (all of it was copied)" : ", RECORDS ARE MISSING"));
    } else {
      named.erase(event);
    }
  }
  return faults;
}

}  // namespace longspan::chaos
