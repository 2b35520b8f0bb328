#include "tests/broker/harness/reader.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "tests/broker/harness/topics.h"

namespace longspan::harness {
namespace {

using TopicHandle = Handle<rd_kafka_topic_t, rd_kafka_topic_destroy>;

constexpr auto kSilenceMax = std::chrono::seconds(30);
constexpr int kPollMs = 10;
constexpr size_t kBatch = 1000;

Settings settings_of(const ReadFrom& from) {
  Settings settings{{"bootstrap.servers", from.bootstrap},
                    {"enable.partition.eof", "true"},
                    {"auto.offset.reset", "error"},
                    {"isolation.level", "read_committed"},
                    {"check.crcs", "true"},
                    {"fetch.message.max.bytes", "16777216"},
                    {"fetch.wait.max.ms", "50"}};
  for (const auto& [key, value] : from.extra) settings[key] = value;
  return settings;
}

Bytes bytes_of(const void* data, size_t size) {
  if (data == nullptr) return std::nullopt;
  return std::string(static_cast<const char*>(data), size);
}

Headers headers_of(const rd_kafka_message_t* message) {
  Headers headers;
  rd_kafka_headers_t* raw = nullptr;
  const auto error = rd_kafka_message_headers(message, &raw);
  if (error == RD_KAFKA_RESP_ERR__NOENT) return headers;
  require_ok(error, "read headers");
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(raw, i, &name, &value, &size) == 0; ++i) {
    headers.emplace_back(name, bytes_of(value, size));
  }
  return headers;
}

Record record_of(const rd_kafka_message_t* message) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  Record record;
  record.partition = message->partition;
  record.offset = message->offset;
  record.key = bytes_of(message->key, message->key_len);
  record.value = bytes_of(message->payload, message->len);
  record.headers = headers_of(message);
  record.timestamp_ms = rd_kafka_message_timestamp(message, &type);
  record.stamp = type == RD_KAFKA_TIMESTAMP_CREATE_TIME       ? Stamp::create_time
                 : type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME ? Stamp::log_append_time
                                                              : Stamp::none;
  return record;
}

// Fetching of one partition into one queue, by librdkafka's simple consumer: that one asks for no
// group coordinator, so reading needs no right on a group.
class Fetching {
 public:
  explicit Fetching(const ReadFrom& from)
      : partition_(from.partition),
        client_(open_client(RD_KAFKA_CONSUMER, settings_of(from))),
        topic_(rd_kafka_topic_new(client_.get(), from.topic.c_str(), nullptr)),
        queue_(rd_kafka_queue_new(client_.get())) {
    const Range kept = log_range(client_.get(), from.topic, from.partition);
    const int64_t start = std::max(from.offset, kept.start);
    const int result = rd_kafka_consume_start_queue(topic_.get(), partition_, start, queue_.get());
    require(result == 0, "cannot start to read " + from.topic);
  }
  ~Fetching() { rd_kafka_consume_stop(topic_.get(), partition_); }
  Fetching(const Fetching&) = delete;
  Fetching& operator=(const Fetching&) = delete;

  std::vector<Message> next() {
    std::array<rd_kafka_message_t*, kBatch> batch{};
    const ssize_t count =
        rd_kafka_consume_batch_queue(queue_.get(), kPollMs, batch.data(), batch.size());
    return {batch.begin(), batch.begin() + std::max<ssize_t>(count, 0)};
  }

 private:
  int32_t partition_;
  Client client_;
  TopicHandle topic_;
  Queue queue_;
};

}  // namespace

int64_t for_each_record(const ReadFrom& from, const std::function<void(Record)>& seen) {
  Fetching fetching(from);
  auto heard = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - heard < kSilenceMax) {
    const std::vector<Message> messages = fetching.next();
    if (!messages.empty()) heard = std::chrono::steady_clock::now();
    for (const Message& message : messages) {
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return message->offset;
      require_ok(message->err, "read " + from.topic);
      seen(record_of(message.get()));
    }
  }
  throw HarnessError("read " + from.topic + "-" + std::to_string(from.partition) +
                     ": nothing for 30 s and no end");
}

std::vector<Record> read_partition(const ReadFrom& from) {
  std::vector<Record> records;
  for_each_record(from, [&](Record record) { records.push_back(std::move(record)); });
  return records;
}

std::vector<Record> read_topic(const std::string& bootstrap, const std::string& topic) {
  std::vector<Record> records;
  Admin admin(bootstrap);
  for (int32_t p = 0, count = admin.partitions(topic); p < count; ++p) {
    for_each_record({.bootstrap = bootstrap, .topic = topic, .partition = p},
                    [&](Record record) { records.push_back(std::move(record)); });
  }
  return records;
}

}  // namespace longspan::harness
