// mirror/kafka/embedded_cluster.h - a one-broker cluster inside this process, for the demo and
// tests.
//
// librdkafka's mock cluster behind names of ours: no librdkafka type is seen here. It is not Kafka:
// it keeps 5 MiB or 100 000 batches a partition and then drops the oldest silently, knows no
// configs, no topic creation requests, no timestamp lookups, and answers one batch per partition
// and fetch.
//
// Errors:  start() and make_*() answer an Error; what fails later is an Error of poll().
// Threads: EmbeddedCluster's calls are safe from any thread; a writer or reader belongs to one.
// Owns:    the mock and its threads. Writers and readers must go before their cluster.
// Limits:  a writer queues at most kWriterQueueBytes; then write() answers false.
// Source:  rdkafka_mock.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lagcalc/result.h"
#include "lagcalc/topic_partition.h"
#include "lagcalc/units.h"
#include "mirror/admin.h"
#include "mirror/flow_config.h"
#include "mirror/record.h"

namespace longspan {

// Of one partition; then the oldest batches are dropped.
inline constexpr std::int64_t kEmbeddedPartitionBytesMax = 5LL << 20;
inline constexpr std::int32_t kWriterQueueBytes = 64 << 20;

struct Written {
  std::uint64_t ticket = 0;  // as given to write()
  Offset offset;
};

class EmbeddedWriter {
 public:
  virtual ~EmbeddedWriter() = default;
  // False: the queue is full, poll() and try again.
  virtual Result<bool> write(const TopicPartition& place, const OwnedRecord& record,
                             std::uint64_t ticket) = 0;
  // What was appended since the last call; waits at most `at_most` for the first.
  virtual Result<std::vector<Written>> poll(std::chrono::milliseconds at_most) = 0;
};

struct ReadRecord {
  TopicPartition place;
  Offset offset;
  OwnedRecord record;
};

class EmbeddedReader {
 public:
  virtual ~EmbeddedReader() = default;
  // What has arrived; waits at most `at_most` for the first record.
  virtual Result<std::vector<ReadRecord>> poll(std::chrono::milliseconds at_most) = 0;
  // Commits, for the reader's group, everything poll() has answered; does not wait.
  virtual void commit() = 0;
};

// Topics as any client of the cluster is told them, without ids: asking for those waits for a
// controller, which the mock does not have.
class EmbeddedTopics {
 public:
  virtual ~EmbeddedTopics() = default;
  virtual Result<std::vector<TopicInfo>> list() = 0;
};
Result<std::unique_ptr<EmbeddedTopics>> make_embedded_topics(const ClusterConfig& cluster,
                                                             const std::string& client_id,
                                                             std::chrono::milliseconds timeout);

class EmbeddedCluster {
 public:
  static Result<std::unique_ptr<EmbeddedCluster>> start(const std::string& alias);
  virtual ~EmbeddedCluster() = default;

  [[nodiscard]] virtual std::uint16_t port() const = 0;  // of its broker, on 127.0.0.1
  // From now on clients are told that the broker is at 127.0.0.1:port: the near end of a line to
  // it. Writers and readers made here still go straight to the broker.
  virtual Result<void> advertise(std::uint16_t port) = 0;

  virtual Result<void> create_topic(const std::string& name, std::int32_t partitions) = 0;

  virtual Result<std::unique_ptr<EmbeddedWriter>> make_writer(const std::string& client_id) = 0;
  // A group member that subscribes to the topics, from their start where nothing is committed.
  virtual Result<std::unique_ptr<EmbeddedReader>> make_group_reader(
      const std::string& group, const std::vector<std::string>& topics) = 0;
  // Of the readers made so far: the mock itself cannot list them.
  [[nodiscard]] virtual std::vector<std::string> groups() const = 0;
  // Every partition given, from its start, without a group.
  virtual Result<std::unique_ptr<EmbeddedReader>> make_reader(
      const std::string& client_id, const std::vector<TopicPartition>& partitions) = 0;
};

}  // namespace longspan
