// The Sink port on librdkafka's idempotent producer, gapless: a record behind a failed one is never
// written, because the first permanent failure makes the whole handle fatal (rebuild_client).
#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "mirror/kafka/client_meter.h"
#include "mirror/kafka/clients.h"
#include "mirror/kafka/conf.h"
#include "mirror/kafka/errors.h"
#include "mirror/kafka/handles.h"
#include "mirror/kafka/native_record.h"
#include "mirror/kafka/rebootstrap.h"
#include "mirror/kafka/request_window.h"
#include "mirror/kafka/transaction_calls.h"
#include "mirror/kafka/wakeup.h"

namespace longspan {
namespace kafka {
namespace {

constexpr PartitionIndex kNobody = ~PartitionIndex{0};
// Measured: copying is cheaper below, lending the consumed message above.
constexpr std::size_t kCopyBelowBytes = 400;
// librdkafka's message and, for a lent record, the consumer's op behind it.
constexpr std::int64_t kRecordOverhead = 480;
constexpr std::int64_t kRequestOverhead = 64;  // of a record in a request, at most
constexpr std::int64_t kLingerMin = 3;

struct WrittenTopic {
  Topic handle;
  std::vector<PartitionIndex> writers;  // by partition number; kNobody: not open
};

std::vector<OwnProperty> sink_properties(const SinkLimits& limits) {
  // A lingering shorter than the round trip makes the library's thread spin while it waits.
  const bool is_transactional = !limits.transactional_id.empty();
  const bool is_gapless = limits.is_gapless && !is_transactional;
  const auto linger_ms = limits.is_gapless ? std::clamp<std::int64_t>(
                                                 limits.round_trip.count() / 1000, kLingerMin, 200)
                                           : 0;
  const std::string timeout_ms = std::to_string(limits.transaction_timeout.count());
  std::vector<OwnProperty> properties = {
      {"enable.idempotence", "true"},
      {"enable.gapless.guarantee", is_gapless ? "true" : "false"},
      {"acks", "all"},
      // Never gives up by itself: we decide. In a transaction it may not outlive that.
      {"message.timeout.ms", is_transactional ? timeout_ms : "0"},
      {"compression.codec", limits.compression},
      {"batch.size", std::to_string(limits.batch_bytes_max)},
      {"batch.num.messages", std::to_string(RequestWindow::kRecordsMax)},
      {"linger.ms", std::to_string(linger_ms)},
      {"message.max.bytes",
       std::to_string(std::min<std::int64_t>(limits.record_bytes_max + 65536, 1000000000))},
      {"queue.buffering.max.messages", "0", true},
      {"queue.buffering.max.kbytes",
       std::to_string(std::clamp<std::int64_t>((limits.bytes_max + limits.record_bytes_max) >> 10,
                                               1024, 2097151))},
      {"retry.backoff.ms", "50"},
      {"request.timeout.ms", "30000"},
      {"delivery.report.only.error", "false"},
  };
  if (is_transactional) {
    properties.push_back({"transactional.id", limits.transactional_id});
    properties.push_back({"transaction.timeout.ms", timeout_ms});
  }
  return properties;
}

class KafkaSink : public Sink {
 public:
  KafkaSink(Client client, EventFdWakeup& wakeup, SinkLimits limits)
      : limits_(std::move(limits)),
        client_(std::move(client)),
        meter_(client_.get()),
        queue_(rd_kafka_queue_get_main(client_.get())) {
    wakeup.watch(queue_.get());
    if (!limits_.transactional_id.empty()) {
      calls_ = std::make_unique<TransactionCalls>(client_.get(), wakeup);
    }
  }

  ~KafkaSink() override {
    calls_.reset();
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                      RD_KAFKA_PURGE_F_NON_BLOCKING);
    // Lent messages come back with their delivery reports; what is still out is freed with them.
    Forget forget;
    constexpr int kPatienceMs = 500;
    for (int i = 0; records_out_ > 0 && i < kPatienceMs / 10; ++i) {
      poll_for(forget, 10);
    }
    topics_.clear();
  }

  Result<void> open(PartitionIndex partition, const TopicPartition& target) override;
  void close(PartitionIndex partition) override;
  void set_compression(const std::string& topic, const std::string& codec) override {
    codecs_[topic] = codec;
  }
  Accepted produce(PartitionIndex partition, Record& record) override;
  void poll(SinkEvents& events) override;
  [[nodiscard]] Transactions* transactions() override { return calls_.get(); }
  void purge() override;
  [[nodiscard]] ClientLoad load(std::chrono::steady_clock::time_point now) override {
    return meter_.load(now);
  }

 private:
  struct Waiting {
    Record record;
    std::int64_t cost = 0;
  };
  struct Writer {
    WrittenTopic* topic = nullptr;
    std::int32_t partition = 0;
    // A record was refused: nothing behind it may go until the next open().
    bool is_blocked = false;
    RequestWindow window{};
    std::unique_ptr<std::deque<Waiting>> waiting{};  // for the window; nullptr when none does
  };
  struct Refused {
    PartitionIndex partition;
    std::size_t count;
    Error error;
  };
  // Nobody listens any more: only the memory is taken back.
  struct Forget : SinkEvents {
    void on_acked(PartitionIndex, Offset, std::size_t) override {}
    void on_acked_somewhere(PartitionIndex, std::size_t) override {}
    void on_failed(PartitionIndex, std::size_t, const Error&) override {}
    void on_sink_trouble(const Error&) override {}
  };

  Result<WrittenTopic*> topic_of(const std::string& name);
  rd_kafka_resp_err_t hand_over(Writer& writer, Record& record, std::int64_t cost);
  rd_kafka_resp_err_t hand_to_library(const Writer& writer, Record& record);
  void release(PartitionIndex partition);
  void refuse_waiting(PartitionIndex partition, const Error& error);
  void learn_partitions(const WrittenTopic& topic);
  void poll_for(SinkEvents& events, int timeout_ms);
  void on_reports(SinkEvents& events, rd_kafka_event_t* event);
  void on_error(SinkEvents& events, rd_kafka_event_t* event);
  void take_back(const rd_kafka_message_t* message, PartitionIndex partition);

  SinkLimits limits_;
  std::int64_t window_bytes_ = limits_.batch_bytes_max / 20 * 19;  // the library estimates, too
  Client client_;
  Rebootstrap rebootstrap_{client_.get()};
  ClientMeter meter_;
  Queue queue_;
  std::unique_ptr<TransactionCalls> calls_;              // of a transactional producer
  std::unordered_map<std::string, std::string> codecs_;  // by topic, where not the sink's own
  std::unordered_map<std::string, WrittenTopic> topics_;
  std::vector<Writer> writers_;  // by PartitionIndex
  std::deque<Refused> refused_;  // refused before they were sent, reported at the next poll
  std::vector<PartitionIndex> reopened_;  // windows for which records wait
  std::int64_t bytes_out_ = 0;            // with the library or waiting
  std::int64_t records_out_ = 0;          // with the library
  std::array<const rd_kafka_message_t*, 1024> reports_{};
};

Result<WrittenTopic*> KafkaSink::topic_of(const std::string& name) {
  const auto [found, is_new] = topics_.try_emplace(name);
  WrittenTopic* topic = &found->second;
  if (!is_new) return topic;
  TopicConf conf(rd_kafka_default_topic_conf_dup(client_.get()));
  rd_kafka_topic_conf_set_opaque(conf.get(), topic);
  if (const auto codec = codecs_.find(name); codec != codecs_.end()) {
    // A codec that this library lacks keeps the sink's own: the broker then compresses anew.
    rd_kafka_topic_conf_set(conf.get(), "compression.codec", codec->second.c_str(), nullptr, 0);
  }
  topic->handle.reset(rd_kafka_topic_new(client_.get(), name.c_str(), conf.release()));
  if (topic->handle) return topic;
  topics_.erase(found);
  return to_error(rd_kafka_last_error(), "cannot write to the topic", "topic=" + name);
}

Result<void> KafkaSink::open(PartitionIndex partition, const TopicPartition& target) {
  auto topic = topic_of(target.topic);
  if (!topic) return topic.error();
  WrittenTopic& written = **topic;
  const auto number = static_cast<std::size_t>(target.partition);
  if (written.writers.size() <= number) written.writers.resize(number + 1, kNobody);
  LONGSPAN_ASSERT(written.writers[number] == kNobody);
  written.writers[number] = partition;
  if (writers_.size() <= partition) writers_.resize(partition + 1);
  LONGSPAN_ASSERT(writers_[partition].topic == nullptr);
  writers_[partition].topic = &written;
  writers_[partition].partition = target.partition;
  return {};
}

void KafkaSink::close(PartitionIndex partition) {
  if (partition >= writers_.size() || writers_[partition].topic == nullptr) return;
  const Writer writer = std::exchange(writers_[partition], {});
  writer.topic->writers[static_cast<std::size_t>(writer.partition)] = kNobody;
  if (!writer.waiting) return;
  for (const auto& each : *writer.waiting) bytes_out_ -= each.cost;
}

// What a record costs while it is with the library; take_back() must come to the same.
std::int64_t cost_of(const Record& record) {
  const auto payload = static_cast<std::int64_t>(record.payload_bytes()) + kRecordOverhead;
  const bool is_message = record.native.ops() == &kMessageOps && record.native.get() != nullptr;
  if (is_message) {
    return payload + header_bytes(static_cast<const rd_kafka_message_t*>(record.native.get()));
  }
  std::int64_t bytes = payload;
  for (const auto& header : record.headers()) {
    bytes +=
        static_cast<std::int64_t>(header.name.size() + (header.value ? header.value->size() : 0)) +
        kHeaderOverhead;
  }
  return bytes;
}

// The part of the cost that goes into a request.
std::int64_t request_bytes(std::int64_t cost) { return cost - kRecordOverhead + kRequestOverhead; }

Accepted KafkaSink::produce(PartitionIndex partition, Record& record) {
  LONGSPAN_ASSERT(partition < writers_.size() && writers_[partition].topic != nullptr);
  const auto cost = cost_of(record);
  // One record always fits, however large: otherwise it could never go.
  if (bytes_out_ > 0 && bytes_out_ + cost > limits_.bytes_max) return Accepted::full;
  Writer& writer = writers_[partition];
  if (writer.waiting || !writer.window.fits(request_bytes(cost), window_bytes_)) {
    writer.window.close();
    if (!writer.waiting) writer.waiting = std::make_unique<std::deque<Waiting>>();
    writer.waiting->push_back({std::move(record), cost});
    bytes_out_ += cost;
    return Accepted::yes;
  }
  const auto code = hand_over(writer, record, cost);
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return Accepted::full;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    writer.is_blocked = true;
    refused_.push_back({partition, 1, to_error(code, "cannot write", "")});
    return Accepted::yes;
  }
  bytes_out_ += cost;
  return Accepted::yes;
}

rd_kafka_resp_err_t KafkaSink::hand_over(Writer& writer, Record& record, std::int64_t cost) {
  if (writer.is_blocked) return RD_KAFKA_RESP_ERR__PURGE_QUEUE;
  auto code = hand_to_library(writer, record);
  if (code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION) {
    learn_partitions(*writer.topic);
    code = hand_to_library(writer, record);
  }
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return code;
  writer.window.hand_over(request_bytes(cost));
  ++records_out_;
  return code;
}

// What was out is answered: the next request's records go.
void KafkaSink::release(PartitionIndex partition) {
  Writer& writer = writers_[partition];
  if (!writer.waiting || !writer.window.is_empty()) return;
  auto& waiting = *writer.waiting;
  while (!waiting.empty()) {
    auto& [record, cost] = waiting.front();
    if (!writer.window.fits(request_bytes(cost), window_bytes_)) return writer.window.close();
    const auto code = hand_over(writer, record, cost);
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return reopened_.push_back(partition);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      writer.is_blocked = true;
      return refuse_waiting(partition, to_error(code, "cannot write", ""));
    }
    waiting.pop_front();
  }
  writer.waiting.reset();
}

void KafkaSink::refuse_waiting(PartitionIndex partition, const Error& error) {
  Writer& writer = writers_[partition];
  if (!writer.waiting) return;
  for (const auto& each : *writer.waiting) bytes_out_ -= each.cost;
  refused_.push_back({partition, writer.waiting->size(), error});
  writer.waiting.reset();
}

void KafkaSink::purge() {
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_NON_BLOCKING);
  const Error error = to_error(RD_KAFKA_RESP_ERR__PURGE_QUEUE, "cannot write", "");
  for (PartitionIndex i = 0; i < writers_.size(); ++i) refuse_waiting(i, error);
}

// The topic grew after this handle last looked, which by itself it does every five minutes.
void KafkaSink::learn_partitions(const WrittenTopic& topic) {
  constexpr int kPatienceMs = 1000;
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto code = rd_kafka_metadata(client_.get(), 0, topic.handle.get(), &metadata, kPatienceMs);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_metadata_destroy(metadata);
}

rd_kafka_resp_err_t KafkaSink::hand_to_library(const Writer& writer, Record& record) {
  const bool is_message = record.native.ops() == &kMessageOps && record.native.get() != nullptr;
  const bool is_lent = is_message && record.value && record.value->size() >= kCopyBelowBytes;
  auto* message = is_message ? static_cast<rd_kafka_message_t*>(record.native.get()) : nullptr;

  std::array<rd_kafka_vu_t, 8> vus{};
  std::size_t count = 0;
  vus[count].vtype = RD_KAFKA_VTYPE_RKT;
  vus[count++].u.rkt = writer.topic->handle.get();
  vus[count].vtype = RD_KAFKA_VTYPE_PARTITION;
  vus[count++].u.i32 = writer.partition;
  vus[count].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  vus[count++].u.i = is_lent ? 0 : RD_KAFKA_MSG_F_COPY;
  vus[count].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  // 0 means "now" to the library; a record of the epoch's first millisecond loses it, nothing else.
  vus[count++].u.i64 = record.timestamp.value;
  if (record.value) {
    vus[count].vtype = RD_KAFKA_VTYPE_VALUE;
    vus[count].u.mem.ptr = const_cast<char*>(record.value->data());
    vus[count++].u.mem.size = record.value->size();
  }
  if (record.key) {
    vus[count].vtype = RD_KAFKA_VTYPE_KEY;
    vus[count].u.mem.ptr = const_cast<char*>(record.key->data());
    vus[count++].u.mem.size = record.key->size();
  }
  rd_kafka_headers_t* headers = nullptr;
  if (is_message) {
    rd_kafka_message_detach_headers(message, &headers);
  } else if (record.has_headers()) {
    headers = rd_kafka_headers_new(8);
    for (const auto& header : record.headers()) {
      rd_kafka_header_add(headers, header.name.c_str(), static_cast<ssize_t>(header.name.size()),
                          header.value ? header.value->data() : nullptr,
                          header.value ? static_cast<ssize_t>(header.value->size()) : 0);
    }
  }
  if (headers != nullptr) {
    vus[count].vtype = RD_KAFKA_VTYPE_HEADERS;
    vus[count++].u.headers = headers;
  }
  if (is_lent) {
    vus[count].vtype = RD_KAFKA_VTYPE_OPAQUE;
    vus[count++].u.ptr = message;
  }
  const KafkaError error(rd_kafka_produceva(client_.get(), vus.data(), count));
  if (!error) {
    // A lent message is destroyed with its delivery report.
    if (is_lent) std::ignore = record.native.give_away();
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  if (headers != nullptr) {  // ownership did not move
    if (is_message) {
      rd_kafka_message_set_headers(message, headers);
    } else {
      rd_kafka_headers_destroy(headers);
    }
  }
  return rd_kafka_error_code(error.get());
}

void KafkaSink::poll(SinkEvents& events) {
  rebootstrap_.turn();
  poll_for(events, 0);
  for (const auto partition : std::exchange(reopened_, {})) release(partition);
  while (!refused_.empty()) {
    const Refused refused = std::move(refused_.front());
    refused_.pop_front();
    events.on_failed(refused.partition, refused.count, refused.error);
  }
}

void KafkaSink::poll_for(SinkEvents& events, int timeout_ms) {
  while (KafkaEvent event{rd_kafka_queue_poll(queue_.get(), timeout_ms)}) {
    switch (rd_kafka_event_type(event.get())) {
      case RD_KAFKA_EVENT_DR:
        on_reports(events, event.get());
        break;
      case RD_KAFKA_EVENT_ERROR:
        on_error(events, event.get());
        break;
      default:
        break;
    }
    timeout_ms = 0;
  }
}

void KafkaSink::take_back(const rd_kafka_message_t* message, PartitionIndex partition) {
  const auto payload = static_cast<std::int64_t>(message->len + message->key_len);
  const auto cost = payload + header_bytes(message) + kRecordOverhead;
  bytes_out_ -= cost;
  --records_out_;
  if (partition != kNobody) {
    Writer& writer = writers_[partition];
    writer.window.take_back(request_bytes(cost));
    if (writer.waiting && writer.window.is_empty()) reopened_.push_back(partition);
  }
  if (message->_private != nullptr) {
    rd_kafka_message_destroy(static_cast<rd_kafka_message_t*>(message->_private));
  }
}

// One event is one request: records of one partition in order. They are accounted for in runs of
// the same fate and, when written, of consecutive offsets.
void KafkaSink::on_reports(SinkEvents& events, rd_kafka_event_t* event) {
  struct Run {
    PartitionIndex partition = kNobody;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    std::int64_t first = 0;
    std::size_t count = 0;
  } run;
  const auto flush = [&] {
    if (run.count == 0 || run.partition == kNobody) return;
    if (run.code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      // Not rd_kafka_message_produce_errstr(): in 2.14 it points to what was freed.
      Error error = to_error(run.code, "cannot write", "");
      if (calls_) {
        calls_->note(run.code);
        // In a transaction it says that the target did not answer, not that it refuses a record.
        if (run.code == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT) error.next = Next::rebuild_client;
      }
      events.on_failed(run.partition, run.count, error);
    } else if (run.first < 0) {
      events.on_acked_somewhere(run.partition, run.count);
    } else {
      events.on_acked(run.partition, Offset{run.first}, run.count);
    }
  };
  for (std::size_t n = 0;
       (n = rd_kafka_event_message_array(event, reports_.data(), reports_.size())) > 0;) {
    for (std::size_t i = 0; i < n; ++i) {
      const rd_kafka_message_t* message = reports_[i];
      const auto* topic = static_cast<const WrittenTopic*>(rd_kafka_topic_opaque(message->rkt));
      const PartitionIndex writer = topic->writers[static_cast<std::size_t>(message->partition)];
      const auto expected = run.first < 0 ? -1 : run.first + static_cast<std::int64_t>(run.count);
      const bool is_same_run =
          run.count > 0 && writer == run.partition && message->err == run.code &&
          (run.code != RD_KAFKA_RESP_ERR_NO_ERROR || message->offset == expected);
      if (!is_same_run) {
        flush();
        run = {writer, message->err, message->offset < 0 ? -1 : message->offset, 0};
      }
      ++run.count;
      take_back(message, writer);
    }
  }
  flush();
}

void KafkaSink::on_error(SinkEvents& events, rd_kafka_event_t* event) {
  const auto code = rd_kafka_event_error(event);
  rebootstrap_.note(code);
  if (calls_) calls_->note(code);
  if (code != RD_KAFKA_RESP_ERR__FATAL) {
    events.on_sink_trouble(
        to_error(code, "trouble with the cluster", "", rd_kafka_event_error_string(event)));
    return;
  }
  std::array<char, 512> reason{};
  const auto fatal = rd_kafka_fatal_error(client_.get(), reason.data(), reason.size());
  if (calls_) calls_->note(fatal);
  // In-flight requests keep their true outcome; what was only queued is dropped by the library.
  Error error = to_error(fatal, "the producer stopped", "", reason.data());
  error.next = Next::rebuild_client;
  events.on_sink_trouble(error);
}

}  // namespace
}  // namespace kafka

Result<std::unique_ptr<Sink>> make_sink(const ClusterConfig& cluster, const std::string& client_id,
                                        const SinkLimits& limits, Wakeup& wakeup) {
  auto conf =
      kafka::make_conf(cluster, kafka::Role::sink, client_id, kafka::sink_properties(limits));
  if (!conf) return conf.error();
  rd_kafka_conf_set_events(conf->get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  auto client = kafka::open_client(RD_KAFKA_PRODUCER, std::move(*conf), "cluster=" + cluster.alias);
  if (!client) return client.error();
  return std::unique_ptr<Sink>(std::make_unique<kafka::KafkaSink>(
      std::move(*client), static_cast<kafka::EventFdWakeup&>(wakeup), limits));
}

}  // namespace longspan
