// mirror/groups/offsets_topic.h - what a record of __consumer_offsets says.
//
//   key 0, 1   group, topic, partition     value 0-4: a committed position
//   key 2      group                       value 0-4: a group of the classic protocol, its members
//   any other  consumer, share and streams groups, and what later brokers add: not decoded
//
// A record without a value deletes what its key names. Positions that were committed in a
// transaction count once it is committed: read the topic with read_committed.
//
// Units:   a position is the next record to be read. Times are the coordinator's clock.
// Errors:  what is cut short, has a negative count or length, or a value of another version is an
//          Error that names the group; a key of another version is none. Bytes behind the last
//          field, and tagged fields that are not known, are ignored, as Kafka does. No input
//          crashes it.
// Threads: values and free functions.
// Limits:  memory in proportion to the input.
// Source:  Kafka, group-coordinator: OffsetCommitKey, OffsetCommitValue, GroupMetadataKey,
//          GroupMetadataValue; clients: ConsumerProtocolAssignment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lagcalc/group_state.h"
#include "lagcalc/result.h"
#include "lagcalc/topic_partition.h"
#include "lagcalc/units.h"
#include "mirror/admin.h"

namespace longspan {

struct CommittedPosition {
  std::optional<Offset> offset;  // absent: a negative one, which clients take for no commit
  std::optional<std::int32_t> leader_epoch;  // of the last record read; v3 and later
  std::string metadata;                      // the client's own; may be empty
  TimestampMs committed_at;
  std::optional<TimestampMs> expires_at;  // v1, where the client asked for it
  std::optional<TopicId> topic_id;        // v4, of newer coordinators
  friend bool operator==(const CommittedPosition&, const CommittedPosition&) = default;
};

struct AssignedTopic {
  std::string topic;
  std::vector<std::int32_t> partitions;
  friend bool operator==(const AssignedTopic&, const AssignedTopic&) = default;
};

struct GroupMember {
  std::string id;
  std::optional<std::string> instance_id;  // of a static member
  std::string client_id;
  std::string client_host;  // "/10.0.0.7"
  // Absent where the group's protocol is not the consumers', or it cannot be read.
  std::optional<std::vector<AssignedTopic>> assignment;
  friend bool operator==(const GroupMember&, const GroupMember&) = default;
};

struct GroupMetadata {
  std::string protocol_type;  // "consumer", "connect", ...
  std::int32_t generation = 0;
  std::optional<std::string> protocol;  // the assignor that was agreed on; absent without members
  std::optional<std::string> leader;    // a member's id
  std::optional<TimestampMs> state_since;  // v2 and later
  std::vector<GroupMember> members;
  friend bool operator==(const GroupMetadata&, const GroupMetadata&) = default;
};

struct CommitRecord {
  std::string group;
  TopicPartition partition;
  std::optional<CommittedPosition> position;  // absent: deleted
  friend bool operator==(const CommitRecord&, const CommitRecord&) = default;
};

struct GroupRecord {
  std::string group;
  // Absent: deleted; the group is gone, or is one of the newer protocol now.
  std::optional<GroupMetadata> metadata;
  friend bool operator==(const GroupRecord&, const GroupRecord&) = default;
};

struct SkippedRecord {
  std::int16_t key_version = 0;
  friend bool operator==(const SkippedRecord&, const SkippedRecord&) = default;
};

using OffsetsTopicRecord = std::variant<CommitRecord, GroupRecord, SkippedRecord>;

[[nodiscard]] Result<OffsetsTopicRecord> decode_offsets_record(
    std::string_view key, std::optional<std::string_view> value);

// By what was last written of it: a rebalance that is going on leaves no record.
[[nodiscard]] GroupState state_of(const std::optional<GroupMetadata>& metadata);

// How many records of each kind were seen.
struct OffsetsTopicTally {
  std::int64_t commits = 0;
  std::int64_t commit_deletions = 0;
  std::int64_t groups = 0;
  std::int64_t group_deletions = 0;
  std::int64_t skipped = 0;
  std::int64_t unreadable = 0;
  friend bool operator==(const OffsetsTopicTally&, const OffsetsTopicTally&) = default;

  void add(const Result<OffsetsTopicRecord>& record);
};

}  // namespace longspan
