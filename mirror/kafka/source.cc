// The Source port on librdkafka's simple consumer: explicit partitions, explicit offsets, no group
// (so nothing is written or even asked for on the source's coordinator), one queue for all.
#include <algorithm>
#include <charconv>
#include <string>
#include <unordered_map>
#include <vector>

#include "mirror/kafka/client_meter.h"
#include "mirror/kafka/clients.h"
#include "mirror/kafka/conf.h"
#include "mirror/kafka/errors.h"
#include "mirror/kafka/handles.h"
#include "mirror/kafka/native_record.h"
#include "mirror/kafka/rebootstrap.h"
#include "mirror/kafka/wakeup.h"
#include "mirror/why/waits.h"

namespace longspan {
namespace kafka {
namespace {

constexpr PartitionIndex kNobody = ~PartitionIndex{0};
constexpr std::int64_t kRecordOverhead = 400;  // librdkafka's op and message, facts of 2.x

// One topic handle and who reads its partitions. The handle's opaque points here, so that a message
// finds its PartitionIndex without looking up a name.
struct ReadTopic {
  Topic handle;
  std::vector<PartitionIndex> readers;  // by partition number; kNobody: not read
};

std::int64_t clamp_kib(std::int64_t bytes) {
  return std::clamp<std::int64_t>(bytes >> 10, 1, 2097151);
}

std::vector<OwnProperty> source_properties(const SourceLimits& limits) {
  // What one partition may hold: its window. Half is queued, the rest is one fetch on its way.
  const auto window = std::clamp<std::int64_t>(
      limits.bytes_max / std::max(limits.partitions_max, 1), 64LL << 10, 64LL << 20);
  // 250 MB/s over the measured round trip: more is never in flight on one connection.
  const auto pipe = std::max<std::int64_t>(limits.round_trip.count() * 250, 1LL << 20);
  const auto fetch = std::min({window / 4, pipe, std::int64_t{16} << 20});
  const auto fetch_total = std::min<std::int64_t>(limits.bytes_max / 4, std::max(pipe, fetch));
  // A partition that failed is left alone for the backoff, also when it is started anew.
  const auto* const error_backoff = limits.for_probes ? "10" : "200";
  const auto* const wait = limits.for_probes ? "50" : "500";
  return {
      {"enable.auto.commit", "false"},
      {"auto.offset.reset", "error"},
      {"check.crcs", "true"},
      {"enable.partition.eof", "true"},
      {"isolation.level",
       limits.isolation == Isolation::read_committed ? "read_committed" : "read_uncommitted"},
      {"fetch.message.max.bytes", std::to_string(std::max<std::int64_t>(fetch, 16 << 10))},
      {"fetch.max.bytes", std::to_string(std::max<std::int64_t>(fetch_total, 64 << 10))},
      // zstd gives up above receive.message.max.bytes even where the batch is legal.
      {"receive.message.max.bytes", "1000000000"},
      {"message.max.bytes", "50000"},  // lower bound of fetch.max.bytes; we never produce here
      {"queued.max.messages.kbytes", std::to_string(clamp_kib(window / 2))},
      {"queued.min.messages",
       std::to_string(std::clamp<std::int64_t>(window / 2 / kRecordOverhead, 16, 1000000))},
      {"fetch.queue.backoff.ms", "2", true},
      {"fetch.error.backoff.ms", error_backoff},
      {"fetch.wait.max.ms", wait},
      {"fetch.min.bytes", "1"},
  };
}

// Where the library found by leader epochs that the log was cut back (KIP-320). With
// auto.offset.reset=error it says so in words only; another wording is another failure, which
// measuring judges by the ends of the log.
std::optional<Offset> truncated_to(const rd_kafka_message_t* message) {
  static constexpr std::string_view kTruncated = "log truncation detected";
  static constexpr std::string_view kEnd = "broker end offset is ";
  const auto* const detail = static_cast<const char*>(message->payload);
  if (message->err != RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || detail == nullptr) return {};
  const std::string_view text(detail);
  const auto at = text.find(kEnd);
  if (text.find(kTruncated) == std::string_view::npos || at == std::string_view::npos) return {};
  std::int64_t end = 0;
  const char* const digits = text.data() + at + kEnd.size();
  if (std::from_chars(digits, text.data() + text.size(), end).ec != std::errc() || end < 0) {
    return {};
  }
  return Offset{end};
}

// What the library says of a batch that it cannot take apart: a checksum that is wrong, bytes that
// do not inflate (or are more than it can hold), a codec or format it does not know. Then with the
// batch's beginning; and what a broker says that cannot read its own log, without.
bool is_unreadable(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__BAD_MSG || code == RD_KAFKA_RESP_ERR__BAD_COMPRESSION ||
         code == RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED ||
         code == RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE || code == RD_KAFKA_RESP_ERR_INVALID_MSG;
}

std::optional<Offset> batch_of(const rd_kafka_message_t* message) {
  const bool is_of_broker = message->err == RD_KAFKA_RESP_ERR_INVALID_MSG;
  if (is_of_broker || message->offset < 0) return std::nullopt;
  return Offset{message->offset};
}

class KafkaSource : public Source {
 public:
  KafkaSource(Client client, const EventFdWakeup& wakeup)
      : client_(std::move(client)),
        meter_(client_.get()),
        queue_(rd_kafka_queue_new(client_.get())),
        main_queue_(rd_kafka_queue_get_main(client_.get())) {
    wakeup.watch(queue_.get());
    wakeup.watch(main_queue_.get());
  }

  ~KafkaSource() override {
    for (auto& [name, topic] : topics_) {
      for (std::size_t p = 0; p < topic.readers.size(); ++p) {
        if (topic.readers[p] != kNobody) {
          rd_kafka_consume_stop(topic.handle.get(), static_cast<std::int32_t>(p));
        }
      }
    }
    topics_.clear();  // before queue_ and client_: handles refer to the client
  }

  Result<void> start(PartitionIndex partition, const TopicPartition& source, Offset from,
                     std::optional<std::int32_t> leader_epoch) override;
  void stop(PartitionIndex partition) override;
  std::size_t poll(SourceEvents& events, std::size_t records_max) override;
  [[nodiscard]] ClientLoad load(std::chrono::steady_clock::time_point now) override {
    return meter_.load(now);
  }

 private:
  struct Start {
    TopicPartition source;
    Offset from;
    std::int32_t leader_epoch = 0;
  };
  struct Reader {
    ReadTopic* topic = nullptr;
    std::int32_t partition = 0;
  };

  Result<ReadTopic*> topic_of(const std::string& name);
  void validate();
  PartitionIndex reader_of(const rd_kafka_message_t* message) const;
  void deliver(SourceEvents& events, std::span<rd_kafka_message_t*> messages);
  void report(SourceEvents& events, PartitionIndex reader, const rd_kafka_message_t* message);
  void poll_main_queue(SourceEvents& events);

  Client client_;
  Rebootstrap rebootstrap_{client_.get()};
  ClientMeter meter_;
  Queue queue_;
  Queue main_queue_;
  std::unordered_map<std::string, ReadTopic> topics_;
  std::unordered_map<PartitionIndex, Reader> readers_;
  std::unordered_map<PartitionIndex, Start> to_validate_;  // what comes before it is dropped
  std::vector<rd_kafka_message_t*> messages_;
  std::vector<Record> records_;  // of one partition, reused
};

Result<ReadTopic*> KafkaSource::topic_of(const std::string& name) {
  const auto [found, is_new] = topics_.try_emplace(name);
  ReadTopic* topic = &found->second;  // unordered_map keeps addresses
  if (!is_new) return topic;
  TopicConf conf(rd_kafka_default_topic_conf_dup(client_.get()));
  rd_kafka_topic_conf_set_opaque(conf.get(), topic);
  topic->handle.reset(rd_kafka_topic_new(client_.get(), name.c_str(), conf.release()));
  if (topic->handle) return topic;
  topics_.erase(found);
  return to_error(rd_kafka_last_error(), "cannot read the topic", "topic=" + name);
}

Result<void> KafkaSource::start(PartitionIndex partition, const TopicPartition& source, Offset from,
                                std::optional<std::int32_t> leader_epoch) {
  static_assert(kLogStart.value == RD_KAFKA_OFFSET_BEGINNING);
  static_assert(kAllBrokersDown == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN);
  LONGSPAN_ASSERT(!readers_.contains(partition));
  auto topic = topic_of(source.topic);
  if (!topic) return topic.error();
  ReadTopic& read = **topic;
  const auto number = static_cast<std::size_t>(source.partition);
  if (read.readers.size() <= number) read.readers.resize(number + 1, kNobody);
  LONGSPAN_ASSERT(read.readers[number] == kNobody);
  if (rd_kafka_consume_start_queue(read.handle.get(), source.partition, from.value, queue_.get()) !=
      0) {
    return to_error(rd_kafka_last_error(), "cannot read the partition",
                    "topic=" + source.topic + " partition=" + std::to_string(source.partition));
  }
  read.readers[number] = partition;
  readers_[partition] = {&read, source.partition};
  if (leader_epoch && from > Offset{}) to_validate_[partition] = {source, from, *leader_epoch};
  return {};
}

void KafkaSource::stop(PartitionIndex partition) {
  const auto found = readers_.find(partition);
  if (found == readers_.end()) return;
  const Reader reader = found->second;
  readers_.erase(found);
  to_validate_.erase(partition);
  reader.topic->readers[static_cast<std::size_t>(reader.partition)] = kNobody;
  rd_kafka_consume_stop(reader.topic->handle.get(), reader.partition);
}

// A start by this interface knows no epoch. A seek does, as soon as the library knows the
// partition; what was fetched before the seek is dropped, here or by the library.
void KafkaSource::validate() {
  for (auto at = to_validate_.begin(); at != to_validate_.end();) {
    const auto& [source, from, leader_epoch] = at->second;
    const PartitionList list(rd_kafka_topic_partition_list_new(1));
    auto* const one =
        rd_kafka_topic_partition_list_add(list.get(), source.topic.c_str(), source.partition);
    one->offset = from.value;
    rd_kafka_topic_partition_set_leader_epoch(one, leader_epoch);
    const KafkaError error(rd_kafka_seek_partitions(client_.get(), list.get(), 0));
    const bool is_unknown = one->err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
    at = is_unknown ? std::next(at) : to_validate_.erase(at);
  }
}

PartitionIndex KafkaSource::reader_of(const rd_kafka_message_t* message) const {
  if (message->rkt == nullptr) return kNobody;
  const auto* topic = static_cast<const ReadTopic*>(rd_kafka_topic_opaque(message->rkt));
  const auto number = static_cast<std::size_t>(message->partition);
  return topic != nullptr && number < topic->readers.size() ? topic->readers[number] : kNobody;
}

std::size_t KafkaSource::poll(SourceEvents& events, std::size_t records_max) {
  poll_main_queue(events);
  validate();
  messages_.resize(records_max);
  const auto count =
      rd_kafka_consume_batch_queue(queue_.get(), 0, messages_.data(), messages_.size());
  if (count <= 0) return 0;
  deliver(events, std::span(messages_).first(static_cast<std::size_t>(count)));
  return static_cast<std::size_t>(count);
}

// Hands over runs of one partition; a message without a reader was stopped meanwhile.
void KafkaSource::deliver(SourceEvents& events, std::span<rd_kafka_message_t*> messages) {
  const rd_kafka_topic_t* run_topic = nullptr;
  std::int32_t run_partition = 0;
  PartitionIndex run_reader = kNobody;
  const auto flush = [&] {
    // The reader may have been stopped by an event of this very batch.
    if (!records_.empty() && readers_.contains(run_reader)) {
      const auto* last = static_cast<const rd_kafka_message_t*>(records_.back().native.get());
      if (const auto epoch = rd_kafka_message_leader_epoch(last); epoch >= 0) {
        records_.back().leader_epoch = epoch;
      }
      events.on_records(run_reader, records_);
    }
    records_.clear();
  };
  for (rd_kafka_message_t* message : messages) {
    if (run_topic == nullptr || message->rkt != run_topic || message->partition != run_partition) {
      flush();
      run_topic = message->rkt;
      run_partition = message->partition;
      run_reader = reader_of(message);
      if (!to_validate_.empty() && to_validate_.contains(run_reader)) run_reader = kNobody;
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      flush();
      report(events, reader_of(message), message);
      rd_kafka_message_destroy(message);
      run_topic = nullptr;  // the next message looks its reader up anew: it may have been stopped
    } else if (run_reader == kNobody) {
      rd_kafka_message_destroy(message);
    } else {
      records_.push_back(record_of(message));
    }
  }
  flush();
}

void KafkaSource::report(SourceEvents& events, PartitionIndex reader,
                         const rd_kafka_message_t* message) {
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    if (reader != kNobody && !to_validate_.contains(reader))
      events.on_end_of_partition(reader, Offset{message->offset});
    return;
  }
  const char* detail = static_cast<const char*>(message->payload);
  if (reader == kNobody) {
    if (message->rkt == nullptr)
      events.on_source_trouble(to_error(message->err, "cannot read", "", detail));
    return;
  }
  const Error error =
      to_error(message->err, "cannot read", "offset=" + std::to_string(message->offset), detail);
  const bool is_of_batch = is_unreadable(message->err);
  if (error.next == Next::retry && !is_of_batch) {
    events.on_source_trouble(error);
    return;
  }
  stop(reader);
  if (is_of_batch) {
    events.on_batch_unreadable(reader, batch_of(message), error);
  } else if (const auto end = truncated_to(message)) {
    events.on_partition_truncated(reader, *end, error);
  } else {
    events.on_partition_failed(reader, error);
  }
}

void KafkaSource::poll_main_queue(SourceEvents& events) {
  rebootstrap_.turn();
  while (KafkaEvent event{rd_kafka_queue_poll(main_queue_.get(), 0)}) {
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_ERROR) continue;
    rebootstrap_.note(rd_kafka_event_error(event.get()));
    events.on_source_trouble(to_error(rd_kafka_event_error(event.get()), "trouble with the cluster",
                                      "", rd_kafka_event_error_string(event.get())));
  }
}

}  // namespace
}  // namespace kafka

Result<std::unique_ptr<Source>> make_source(const ClusterConfig& cluster,
                                            const std::string& client_id,
                                            const SourceLimits& limits, Wakeup& wakeup) {
  auto conf =
      kafka::make_conf(cluster, kafka::Role::source, client_id, kafka::source_properties(limits));
  if (!conf) return conf.error();
  rd_kafka_conf_set_events(conf->get(), RD_KAFKA_EVENT_ERROR);
  auto client = kafka::open_client(RD_KAFKA_CONSUMER, std::move(*conf), "cluster=" + cluster.alias);
  if (!client) return client.error();
  return std::unique_ptr<Source>(std::make_unique<kafka::KafkaSource>(
      std::move(*client), static_cast<kafka::EventFdWakeup&>(wakeup)));
}

}  // namespace longspan
