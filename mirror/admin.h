// mirror/admin.h - what a flow asks of a cluster beside records: metadata, topics, configs, groups.
//
// Errors:  every call returns a Result; per-topic failures stand in the answer, so that one bad
//          topic never fails the others.
// Threads: one caller at a time per object; calls wait, at most the timeout given at construction.
// Source:  Kafka protocol: Metadata, DescribeTopicPartitions, CreateTopics, CreatePartitions,
//          DescribeConfigs, IncrementalAlterConfigs, ListOffsets, DescribeGroups, ListGroups,
//          OffsetFetch.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lagcalc/group_state.h"
#include "lagcalc/result.h"
#include "lagcalc/topic_partition.h"
#include "lagcalc/units.h"

namespace longspan {

// Kafka's topic id (KIP-516); all zero when the cluster or the client library cannot tell.
using TopicId = std::array<std::uint8_t, 16>;
inline constexpr TopicId kNoTopicId{};

struct TopicInfo {
  std::string name;
  TopicId id = kNoTopicId;
  std::int32_t partitions = 0;
  std::optional<Error> error;  // not authorised, leaderless, ...: the other fields may be empty
};

struct ConfigEntry {
  std::string value;
  bool is_default = false;    // from the broker's defaults, static or dynamic broker config
  bool is_sensitive = false;  // value is absent then
  bool is_read_only = false;
};
using TopicConfig = std::map<std::string, ConfigEntry>;

struct NewTopic {
  std::string name;
  std::int32_t partitions = 1;
  std::int32_t replication_factor = -1;  // -1: the broker's default
  std::map<std::string, std::string> configs;
};

// One change of a topic's config: set, or back to the default when value is absent.
struct ConfigChange {
  std::string name;
  std::optional<std::string> value;
};

struct PartitionEnds {
  Offset start;       // log start offset
  Offset end;         // next offset to be written (high watermark)
  Offset stable_end;  // last stable offset; equals end without open transactions
};

struct GroupInfo {
  std::string state;  // Kafka's words: Stable, Empty, Dead, ...
  std::int32_t members = 0;
};

// The groups that this client may describe.
struct GroupPosition {
  Offset offset;  // the next record to read
  std::string metadata = {};
};

struct GroupListing {
  std::map<std::string, GroupState> groups;
  std::optional<Error> error;  // a broker did not answer: its groups are missing
};

class Admin {
 public:
  virtual ~Admin() = default;
  // Kafka's cluster id; empty when the cluster does not tell.
  virtual Result<std::string> cluster_id() = 0;
  // All topics, internal ones too.
  virtual Result<std::vector<TopicInfo>> topics() = 0;
  // The ids of these topics, as far as the cluster tells them. The embedded clusters have none.
  virtual Result<std::map<std::string, TopicId>> topic_ids(const std::vector<std::string>& topics) {
    static_cast<void>(topics);
    return std::map<std::string, TopicId>{};
  }
  virtual Result<void> create_topic(const NewTopic& topic) = 0;
  virtual Result<void> grow_topic(const std::string& topic, std::int32_t partitions) = 0;
  virtual Result<std::map<std::string, Result<TopicConfig>>> describe_configs(
      const std::vector<std::string>& topics) = 0;
  virtual Result<void> alter_config(const std::string& topic,
                                    const std::vector<ConfigChange>& changes) = 0;
  virtual Result<std::map<TopicPartition, Result<PartitionEnds>>> ends(
      const std::vector<TopicPartition>& partitions) = 0;
  // First offset whose record is not older than `at`; absent: no such record.
  virtual Result<std::map<TopicPartition, std::optional<Offset>>> offsets_for_time(
      const std::vector<TopicPartition>& partitions, TimestampMs at) = 0;
  // By partition; absent: it has none. Empty: the cluster does not tell.
  virtual Result<std::vector<std::optional<std::int32_t>>> leaders(const std::string& topic) {
    static_cast<void>(topic);
    return std::vector<std::optional<std::int32_t>>{};
  }
  virtual Result<GroupInfo> describe_group(const std::string& group) = 0;
  virtual Result<GroupListing> list_groups() = 0;
  // Committed positions (next record to read) of a group, only partitions that have one.
  virtual Result<std::map<TopicPartition, Offset>> group_offsets(const std::string& group) = 0;
  // Sets them; the group has no members, or is not there yet.
  virtual Result<void> commit_offsets(const std::string& group,
                                      const std::map<TopicPartition, GroupPosition>& positions) = 0;
};

}  // namespace longspan
