// mirror/groups/commit_search.h - when groups first committed a position behind a record, out of
// __consumer_offsets.
//
// The topic is compacted: what is found is the first such commit that is still there. The group
// committed at that time at the latest.
//
// Units:   offsets of the partition that the groups read; times are the coordinator's clock.
// Errors:  the topic cannot be read. A group of which no such commit is there is left out.
// Threads: the caller's; it has the source to itself meanwhile.
// Limits:  kSearchedMax records for all groups.
// Source:  mirror/groups/offsets_topic.h; Kafka, GroupMetadataManager.partitionFor.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "mirror/log_reading.h"

namespace longspan {

inline constexpr std::int64_t kSearchedMax = 200'000;

struct FoundCommit {
  TimestampMs at;
  std::optional<TimestampMs> previous_at;  // of the last one at or before the record
};

// The partition of __consumer_offsets that holds a group: Java's hash of its name.
[[nodiscard]] std::int32_t partition_of_group(std::string_view group, std::int32_t partitions);

// Of `groups` that committed behind `record`, from about `since` on.
[[nodiscard]] Result<std::map<std::string, FoundCommit>> find_commits(
    const StateReader& cluster, const TopicPartition& partition, Offset record,
    const std::set<std::string>& groups, TimestampMs since);

}  // namespace longspan
