#include "mirror/groups/commit_search.h"

#include <algorithm>
#include <variant>

#include "mirror/groups/offsets_topic.h"

namespace longspan {
namespace {

const std::string kTopic = "__consumer_offsets";
constexpr std::int64_t kClocksApartMs = 5 * 60'000;

// The next UTF-16 code units of UTF-8, as Java's String has them; a byte that is none stands for
// itself.
void add_units(std::string_view& text, std::uint32_t& hash) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto add = [&hash](std::uint32_t unit) { hash = 31 * hash + unit; };
  const unsigned first = byte(0);
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (size == 1 || size > text.size()) {
    add(first);
    text.remove_prefix(1);
    return;
  }
  std::uint32_t code = first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) code = code << 6 | (byte(i) & 0x3FU);
  if (code >= 0x10000) {
    add(0xD800 + ((code - 0x10000) >> 10));
    add(0xDC00 + ((code - 0x10000) & 0x3FF));
  } else {
    add(code);
  }
  text.remove_prefix(size);
}

Result<std::int32_t> partitions_of(Admin& admin) {
  const auto topics = admin.topics();
  if (!topics) return topics.error();
  for (const TopicInfo& topic : *topics) {
    if (topic.name == kTopic && topic.partitions > 0) return topic.partitions;
  }
  return fail(Next::stop_process, "the cluster shows us no " + kTopic);
}

class Search {
 public:
  Search(const TopicPartition& partition, Offset record, const std::set<std::string>& groups)
      : partition_(partition), record_(record), groups_(groups) {}

  // False: every group of this partition was found.
  bool visit(const Record& record, std::size_t wanted) {
    const auto read = decode_offsets_record(record.key.value_or(""), record.value);
    const auto* commit = read ? std::get_if<CommitRecord>(&*read) : nullptr;
    if (commit == nullptr || commit->partition != partition_ || !groups_.contains(commit->group)) {
      return true;
    }
    if (!commit->position || !commit->position->offset || found.contains(commit->group))
      return true;
    if (*commit->position->offset <= record_) {
      previous_[commit->group] = commit->position->committed_at;
      return true;
    }
    const auto previous = previous_.find(commit->group);
    found[commit->group] = {commit->position->committed_at, previous == previous_.end()
                                                                ? std::nullopt
                                                                : std::optional(previous->second)};
    return ++of_partition_ < wanted;
  }
  void begin_partition() { of_partition_ = 0; }

  std::map<std::string, FoundCommit> found;

 private:
  const TopicPartition& partition_;
  const Offset record_;
  const std::set<std::string>& groups_;
  std::map<std::string, TimestampMs> previous_;
  std::size_t of_partition_ = 0;
};

}  // namespace

std::int32_t partition_of_group(std::string_view group, std::int32_t partitions) {
  std::uint32_t hash = 0;
  while (!group.empty()) add_units(group, hash);
  const auto signed_hash = static_cast<std::int32_t>(hash);
  if (signed_hash == INT32_MIN) return 0;
  return (signed_hash < 0 ? -signed_hash : signed_hash) % partitions;
}

Result<std::map<std::string, FoundCommit>> find_commits(const StateReader& cluster,
                                                        const TopicPartition& partition,
                                                        Offset record,
                                                        const std::set<std::string>& groups,
                                                        TimestampMs since) {
  const auto count = partitions_of(cluster.admin);
  if (!count) return count.error();
  std::map<std::int32_t, std::size_t> wanted;
  for (const auto& group : groups) ++wanted[partition_of_group(group, *count)];
  Search search(partition, record, groups);
  std::int64_t left = kSearchedMax;
  for (const auto& [number, of_it] : wanted) {
    const TopicPartition log{kTopic, number};
    const auto ends = ends_of(cluster.admin, log);
    if (!ends) return ends.error();
    const auto times = cluster.admin.offsets_for_time(
        {log}, {std::max<std::int64_t>(0, since.value - kClocksApartMs)});
    if (!times) return times.error();
    const auto first = times->find(log);
    if (first == times->end() || !first->second) continue;
    const Offset from = std::max(ends->start, *first->second);
    search.begin_partition();
    auto read = read_log(cluster, log, {from, std::min(ends->stable_end, from + Records{left})},
                         [&](const Record& each) {
                           --left;
                           return search.visit(each, of_it);
                         });
    if (!read) return read.error();
  }
  return std::move(search.found);
}

}  // namespace longspan
