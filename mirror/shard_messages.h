// mirror/shard_messages.h - what a flow tells its shards, and what they tell it.
//
// Threads: values; they travel through Inbox.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "mirror/admin.h"
#include "mirror/event.h"
#include "mirror/flow_config.h"
#include "mirror/groups/group_commits.h"
#include "mirror/state/records.h"
#include "mirror/state/slot_state.h"

namespace longspan {

// --- flow -> shard ---

// The slot is ours and its state is read.
struct TakeSlot {
  std::int32_t slot = 0;
  SlotState state;
  std::int32_t generation = 0;  // of the ownership group, when the slot was given
};
// Give the slot up. Lost: somebody else may own it already, write nothing more for it.
struct DropSlot {
  std::int32_t slot = 0;
  bool is_lost = false;
};
// Mirror this partition; its slot was taken before.
struct AddPartition {
  std::int32_t slot = 0;
  PartitionIdentity identity;
  TopicPartition target;
  StartFrom start = StartFrom::earliest;  // where there is no position
};
// What the target topics' configs say; before the first AddPartition and when it changed.
struct TopicSettings {
  std::map<std::string, std::int64_t> record_bytes_max;  // by target topic: max.message.bytes
  std::map<std::string, std::string> compression;        // by target topic, unless `producer`
  // By compacted source topic: how long a delete can be read (delete.retention.ms).
  std::map<std::string, std::chrono::milliseconds> delete_retention;
  std::set<std::string> compacted_targets = {};  // target topics that take no null key
  friend bool operator==(const TopicSettings&, const TopicSettings&) = default;
};
// The partition is not to be mirrored any more (vanished, recreated, no longer matched).
struct RemovePartition {
  std::int32_t slot = 0;
  TopicPartition source;
  std::string reason;
};
// The answer to a Measure.
struct Measured {
  std::int32_t slot = 0;
  TopicPartition source;
  Result<PartitionEnds> source_ends;
  Result<PartitionEnds> target_ends;
  std::int64_t number = 0;  // of the Measure; an answer to an older one says too little
  // Absent: the cluster does not tell.
  std::optional<TopicId> source_id = {};
  std::optional<TopicId> target_id = {};
};
// The ends of both logs, by source partition, about once a second.
struct LogEnds {
  std::map<TopicPartition, PartitionEnds> source;
  std::map<TopicPartition, PartitionEnds> target;
  std::set<TopicPartition> leaderless;  // the source answered, and nobody did for these
  bool is_target_known = false;         // the target answered; who is not in it has no leader
  Clock::Steady source_asked_at{};
  Clock::Steady target_asked_at{};
};
// A command record appeared in the slot's state.
struct ApplyCommand {
  std::int32_t slot = 0;
  CommandKey key;
  Command command;
};
// A remedy for one partition appeared in the slot's state.
struct ApplyRemedy {
  std::int32_t slot = 0;
  TopicPartition source;
  Remedy remedy;
};
struct WriteEvent {
  std::int32_t slot = 0;
  Event event;
};

// Slot 0 only, by the flow's first process.
struct WriteDefinition {
  std::int32_t slot = 0;
  Definition definition;
};

// The file was read again.
struct ChangeSettings {
  LiveSettings settings;
};

using ShardCommand =
    std::variant<TakeSlot, DropSlot, TopicSettings, AddPartition, RemovePartition, Measured,
                 LogEnds, ApplyCommand, ApplyRemedy, WriteEvent, WriteDefinition, ChangeSettings,
                 std::shared_ptr<const GroupCommits>>;

// --- shard -> flow ---

// Ask both clusters for the ends of this partition and answer with Measured.
struct Measure {
  std::int32_t shard = 0;
  std::int32_t slot = 0;
  TopicPartition source;
  TopicPartition target;
  std::int64_t number = 0;  // counts per shard
};
// The slot's partitions are closed and its last state is written (unless it was lost).
struct SlotDropped {
  std::int32_t slot = 0;
};
// The topics are not as the last survey saw them.
struct SurveyWanted {};

using ShardNotice = std::variant<Measure, SlotDropped, SurveyWanted>;

}  // namespace longspan
