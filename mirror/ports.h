// mirror/ports.h - the seams between a shard and the outside: Source, Sink and Clock.
//
// Everything a shard does to Kafka goes through Source and Sink, so that failure behaviour is
// tested without a broker. Calls and events carry a PartitionIndex: a small number that the shard
// chose when it opened the partition, so that nothing on the data path looks up a name.
//
// Errors:  a call that can fail at once returns a Result; what fails later arrives as an event.
// Threads: one shard, one thread: all calls and all events happen on it, events only inside poll().
//          Clock may be read from anywhere.
// Limits:  Source and Sink are bounded by their own configuration (bytes queued, bytes in flight).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "lagcalc/result.h"
#include "lagcalc/stamp.h"
#include "lagcalc/topic_partition.h"
#include "lagcalc/units.h"
#include "mirror/record.h"
#include "mirror/transactions.h"
#include "mirror/why/load.h"

namespace longspan {

using PartitionIndex = std::uint32_t;  // dense, chosen by the shard, reused after close

class SourceEvents {
 public:
  virtual ~SourceEvents() = default;
  // Records of one partition in offset order; offsets rise strictly, gaps are normal (transaction
  // markers, compaction). The receiver may move records out of the span.
  virtual void on_records(PartitionIndex partition, std::span<Record> records) = 0;
  // Everything readable below `next` was delivered; `next` moves over trailing markers too.
  virtual void on_end_of_partition(PartitionIndex partition, Offset next) = 0;
  // The partition cannot be read from its position (deleted, not authorised, out of range,
  // corrupt). Reading of it has stopped: only a new start() goes on.
  virtual void on_partition_failed(PartitionIndex partition, const Error& error) = 0;
  // The same, because the log holds other records than those that were read, from `end` on: an
  // unclean leader election took them back. It may be longer again than it was.
  virtual void on_partition_truncated(PartitionIndex partition, Offset end, const Error& error) {
    static_cast<void>(end);
    on_partition_failed(partition, error);
  }
  // The same, because the batch that holds the next record is damaged, or of a kind that the client
  // cannot inflate. `batch` is where it begins, if that was told: at, before or behind the
  // position.
  virtual void on_batch_unreadable(PartitionIndex partition, std::optional<Offset> batch,
                                   const Error& error) {
    static_cast<void>(batch);
    on_partition_failed(partition, error);
  }
  // The cluster or the handle is in trouble; partitions resume by themselves unless next says
  // rebuild_client.
  virtual void on_source_trouble(const Error& error) = 0;
};

// Wherever the log begins.
inline constexpr Offset kLogStart{-2};

class Source {
 public:
  virtual ~Source() = default;
  // Starts delivering `source` from offset `from` (inclusive), or from kLogStart. With the leader
  // epoch of the record just below `from`, or of one behind it, a log that has lost it is
  // recognised (KIP-320).
  virtual Result<void> start(PartitionIndex partition, const TopicPartition& source, Offset from,
                             std::optional<std::int32_t> leader_epoch) = 0;
  // After this returns no event names the partition until the next start().
  virtual void stop(PartitionIndex partition) = 0;
  // Delivers up to records_max records that are already here; never waits. Returns the number.
  virtual std::size_t poll(SourceEvents& events, std::size_t records_max) = 0;
  // Of the client behind it, lately.
  [[nodiscard]] virtual ClientLoad load(std::chrono::steady_clock::time_point now) {
    return static_cast<void>(now), ClientLoad();
  }
};

enum class Accepted : std::uint8_t {
  yes,   // queued; exactly one later event accounts for it
  full,  // the sink's memory bound is reached: the record was not taken, offer it again later
};

class SinkEvents {
 public:
  virtual ~SinkEvents() = default;
  // The oldest `count` unaccounted records of the partition are on the target at first_target,
  // first_target + 1, ...
  virtual void on_acked(PartitionIndex partition, Offset first_target, std::size_t count) = 0;
  // The same, but the broker did not say where (a duplicate sequence): must be measured.
  virtual void on_acked_somewhere(PartitionIndex partition, std::size_t count) = 0;
  // The oldest `count` unaccounted records of the partition are not, or not certainly, written.
  virtual void on_failed(PartitionIndex partition, std::size_t count, const Error& error) = 0;
  // The handle or the cluster is in trouble. With Next::rebuild_client every record in flight has
  // been or will be reported failed and produce() must not be called any more.
  virtual void on_sink_trouble(const Error& error) = 0;
};

class Sink {
 public:
  virtual ~Sink() = default;
  // Makes `target` known under `partition`. Its leader need not be known yet.
  virtual Result<void> open(PartitionIndex partition, const TopicPartition& target) = 0;
  virtual void close(PartitionIndex partition) = 0;
  // The codec for a topic whose compression.type names one; before it is first opened. Otherwise
  // the sink's own is used, and the broker compresses anew.
  virtual void set_compression(const std::string& topic, const std::string& codec) {
    static_cast<void>(topic), static_cast<void>(codec);
  }
  // Takes the record (moved from) only when the answer is yes. Order per partition is kept, and
  // nothing behind a failed record of a partition is ever written (gapless).
  virtual Accepted produce(PartitionIndex partition, Record& record) = 0;
  // Reports what was acknowledged or failed since the last call; never waits.
  virtual void poll(SinkEvents& events) = 0;
  // Drops what is queued but not sent; reported through on_failed at the next poll().
  virtual void purge() = 0;
  // nullptr: this sink was made without a transactional id.
  [[nodiscard]] virtual Transactions* transactions() { return nullptr; }
  // Of the client behind it, lately.
  [[nodiscard]] virtual ClientLoad load(std::chrono::steady_clock::time_point now) {
    return static_cast<void>(now), ClientLoad();
  }
};

class Clock {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimestampMs now() const = 0;  // wall clock, may step
  // The same, as fine as it is known.
  [[nodiscard]] virtual TimestampUs now_us() const { return {now().value * 1000}; }
  [[nodiscard]] virtual Steady steady() const = 0;  // for intervals
};

// Wakes the shard's thread when Source or Sink have something; one eventfd for both.
class Wakeup {
 public:
  virtual ~Wakeup() = default;
  // Waits until notified or until the time has passed; forgets the notification.
  virtual void wait(std::chrono::milliseconds at_most) = 0;
  virtual void notify() = 0;  // callable from any thread
};

}  // namespace longspan
