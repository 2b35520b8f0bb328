// tests/fakes/fake_cluster.h - a Kafka cluster in memory: topics, logs with holes, groups, faults.
//
// It keeps what a broker keeps: per partition a log of records with rising offsets and gaps
// (transaction markers, compaction holes), a log start, an end and a last stable offset; per topic
// an id and configs; per group committed positions. FakeSource, FakeSink and FakeAdmin are its
// clients. Nothing here is random and nothing happens by itself.
//
// Errors:  a call about a topic or partition that does not exist aborts: the test is wrong.
// Threads: one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mirror/admin.h"
#include "mirror/ports.h"
#include "mirror/record.h"

namespace longspan {

// The broker's error codes the fakes answer with (Kafka protocol, "Error Codes").
namespace kafka_code {
inline constexpr int kBadMessage = -199;  // the client library's
inline constexpr int kOffsetOutOfRange = 1;
inline constexpr int kUnknownTopic = 3;
inline constexpr int kNotLeader = 6;
inline constexpr int kRequestTimedOut = 7;
inline constexpr int kMessageTooLarge = 10;
inline constexpr int kNotAuthorised = 29;
inline constexpr int kTopicExists = 36;
inline constexpr int kInvalidPartitions = 37;
inline constexpr int kInvalidRecord = 87;
}  // namespace kafka_code

struct FakeRecord {
  Offset offset;
  OwnedRecord data;
  TimestampKind kind = TimestampKind::create_time;
  bool aborted = false;  // of an aborted transaction: read_committed does not see it
};

// Records [from, to) that no client can read; or of which nothing is ever said; or whose reader
// dies, which the cluster counts.
struct FakeBadBatch {
  Offset from;
  Offset to;
  bool is_silent = false;
  bool is_deadly = false;
};

struct FakePartition {
  std::deque<FakeRecord> records;  // offsets rise strictly; gaps are where none is
  Offset start;
  Offset end;
  std::optional<Offset> open_transaction;  // first offset of an open transaction
  std::map<std::string, Offset> open_of;   // the same, by transactional id
  std::optional<Error> broken;             // reads and writes answer with it
  std::map<std::int32_t, Offset> epochs;   // leader epochs after 0, by where they begin
  std::vector<FakeBadBatch> bad_batches;   // in order

  [[nodiscard]] std::int32_t epoch_of(Offset offset) const;
  // As a broker answers OffsetForLeaderEpoch: where the newest epoch up to this one ends.
  [[nodiscard]] Offset end_of_epoch(std::int32_t epoch) const;
  [[nodiscard]] Offset stable_end() const {
    Offset stable = open_transaction.value_or(end);
    for (const auto& [id, first] : open_of) stable = std::min(stable, first);
    return stable;
  }
  // As a read_committed reader sees it from there on; valid until the log changes.
  [[nodiscard]] std::vector<const FakeRecord*> visible(Offset from = {}) const {
    std::vector<const FakeRecord*> out;
    const Offset stable = stable_end();
    for (auto at = index_of(from); at < records.size() && records[at].offset < stable; ++at) {
      if (!records[at].aborted) out.push_back(&records[at]);
    }
    return out;
  }
  // The first record at or after the offset; records.size() when there is none.
  [[nodiscard]] std::size_t index_of(Offset at) const;
  // The bad batch that comes next from there on, before any record; nullptr: there is none.
  [[nodiscard]] const FakeBadBatch* bad_batch_at(Offset at) const;
};

struct FakeTopic {
  TopicId id{};
  std::vector<FakePartition> partitions;
  std::map<std::string, std::string> configs;  // those that were set; the rest are defaults
  std::optional<Error> error;                  // metadata of the topic answers with it
};

class FakeCluster {
 public:
  explicit FakeCluster(std::string cluster_id, const Clock* clock = nullptr)
      : cluster_id_(std::move(cluster_id)), clock_(clock) {}

  // Topics. Creating one that was deleted gives it another id, as on a real cluster.
  void create_topic(const std::string& topic, std::int32_t partitions,
                    std::map<std::string, std::string> configs = {});
  void delete_topic(const std::string& topic);
  void grow_topic(const std::string& topic, std::int32_t partitions);
  [[nodiscard]] bool has_topic(const std::string& topic) const { return topics_.contains(topic); }
  [[nodiscard]] FakeTopic& topic(const std::string& topic);
  [[nodiscard]] std::map<std::string, FakeTopic>& topics() { return topics_; }
  // nullptr when topic or partition is not there.
  [[nodiscard]] FakePartition* find(const TopicPartition& partition);
  [[nodiscard]] FakePartition& at(const TopicPartition& partition);

  // Logs. append answers the offset of the record. With message.timestamp.type=LogAppendTime the
  // clock's time replaces the record's.
  Offset append(const TopicPartition& partition, OwnedRecord record);
  Offset append(const TopicPartition& partition, std::string key, std::string value);
  Offset append_aborted(const TopicPartition& partition, OwnedRecord record);
  void append_gap(const TopicPartition& partition, std::int64_t offsets = 1);  // markers
  void remove(const TopicPartition& partition, Offset offset);                 // compaction hole
  void compact(const TopicPartition& partition);  // keeps the last record of each key
  void set_log_start(const TopicPartition& partition, Offset start);  // retention
  void truncate(const TopicPartition& partition, Offset end);         // unclean leader election
  void elect(const TopicPartition& partition);                        // clean leader election
  void open_transaction(const TopicPartition& partition);             // holds the LSO at the end
  void close_transaction(const TopicPartition& partition);            // marker, LSO moves on

  // Transactions by id, as the coordinator keeps them. Initialising fences every older epoch, ends
  // what they left open, and answers the new epoch when the markers stand.
  std::int64_t initialise(const std::string& id);
  // Absent: the epoch is fenced.
  std::optional<Offset> append(const std::string& id, std::int64_t epoch,
                               const TopicPartition& partition, OwnedRecord record);
  // Decides to commit; false: the epoch is fenced. The markers land later: at the id's next append,
  // when it is initialised, or when told.
  bool commit(const std::string& id, std::int64_t epoch);
  void land_markers(const std::string& id);
  // The markers of a commit that was decided, if this epoch's was.
  void settle(const std::string& id, std::int64_t epoch);

  int deaths = 0;  // of readers

  // Faults.
  void break_partition(const TopicPartition& partition, std::optional<Error> error);
  void set_reachable(bool reachable) { reachable_ = reachable; }
  [[nodiscard]] bool reachable() const { return reachable_; }

  // Requests of a dead client that are still under way (FakeSink::die) and land when told.
  struct Late {
    TopicPartition partition;
    OwnedRecord record;
    std::string id = {};  // of its transaction; a fenced epoch's never lands
    std::int64_t epoch = 0;
  };
  void keep_late(Late late) { late_.push_back(std::move(late)); }
  std::size_t land_late();  // in the order kept; the number of records that landed
  std::size_t land_late(const std::string& topic);  // only this topic's

  void commit(const std::string& group, const TopicPartition& partition, Offset next);
  void delete_commit(const std::string& group, const TopicPartition& partition) {
    groups_[group].erase(partition);
  }
  void delete_group(const std::string& group) { groups_.erase(group); }
  [[nodiscard]] const std::map<std::string, std::map<TopicPartition, Offset>>& groups() const {
    return groups_;
  }
  [[nodiscard]] const std::string& cluster_id() const { return cluster_id_; }
  // Appends, topic creations and config changes since the start: a cluster that must only be read
  // answers the same number before and after.
  [[nodiscard]] std::int64_t writes() const { return writes_; }

 private:
  struct Coordinated {
    std::int64_t epoch = 0;
    std::map<TopicPartition, std::vector<Offset>> written;  // in the open transaction
    bool is_committed = false;                              // decided; the markers are to come
  };
  Offset append(const TopicPartition& partition, FakeRecord record);

  std::string cluster_id_;
  const Clock* clock_;
  bool reachable_ = true;
  std::int64_t writes_ = 0;
  std::uint8_t last_topic_id_ = 0;
  std::map<std::string, FakeTopic> topics_;
  std::map<std::string, std::map<TopicPartition, Offset>> groups_;
  std::map<std::string, Coordinated> coordinated_;
  std::deque<Late> late_;
};

// The record as a client delivers it.
[[nodiscard]] Record delivered(const FakeRecord& record);

}  // namespace longspan
