#include "mirror/kafka/embedded_clients.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "mirror/kafka/conf.h"
#include "mirror/kafka/errors.h"

namespace longspan::kafka {
namespace {

constexpr std::size_t kPollRecordsMax = 2000;

// librdkafka connects to the address it was told by the cluster; we go to the broker itself.
// Runs on librdkafka's threads and only reads the port.
int connect_to_broker(int fd, const sockaddr*, int, const char*, void* opaque) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(*static_cast<const std::uint16_t*>(opaque));
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return 0;
  return errno == EINPROGRESS ? 0 : errno;
}

Result<Client> open_local(rd_kafka_type_t type, std::uint16_t& broker_port,
                          const std::string& client_id, const std::vector<OwnProperty>& own) {
  ClusterConfig cluster;
  cluster.alias = "embedded";
  cluster.common = {{"bootstrap.servers", "127.0.0.1:" + std::to_string(broker_port)}};
  const Role role = type == RD_KAFKA_PRODUCER ? Role::sink : Role::membership;
  auto conf = make_conf(cluster, role, client_id, own);
  if (!conf) return conf.error();
  rd_kafka_conf_set_opaque(conf->get(), &broker_port);
  rd_kafka_conf_set_connect_cb(conf->get(), connect_to_broker);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_events(conf->get(), RD_KAFKA_EVENT_DR);
  return open_client(type, std::move(*conf), "client=" + client_id);
}

// --- writing -------------------------------------------------------------------------------------

rd_kafka_headers_t* make_headers(const Headers& headers) {
  rd_kafka_headers_t* out = rd_kafka_headers_new(headers.size());
  for (const Header& h : headers) {
    rd_kafka_header_add(out, h.name.data(), static_cast<ssize_t>(h.name.size()),
                        h.value ? h.value->data() : nullptr,
                        h.value ? static_cast<ssize_t>(h.value->size()) : 0);
  }
  return out;
}

// librdkafka tells null from empty by the pointer; an empty string's is never null.
void* bytes_of(const std::optional<std::string>& field) {
  return field ? const_cast<char*>(field->data()) : nullptr;
}
std::size_t size_of(const std::optional<std::string>& field) { return field ? field->size() : 0; }

class LocalWriter : public EmbeddedWriter {
 public:
  explicit LocalWriter(Client client)
      : client_(std::move(client)), queue_(rd_kafka_queue_get_main(client_.get())) {}

  Result<bool> write(const TopicPartition& place, const OwnedRecord& record,
                     std::uint64_t ticket) override {
    std::array<rd_kafka_vu_t, kFields> fields{};
    fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    fields[0].u.cstr = place.topic.c_str();
    fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    fields[1].u.i32 = place.partition;
    fields[2].vtype = RD_KAFKA_VTYPE_KEY;
    fields[2].u.mem = {bytes_of(record.key), size_of(record.key)};
    fields[3].vtype = RD_KAFKA_VTYPE_VALUE;
    fields[3].u.mem = {bytes_of(record.value), size_of(record.value)};
    fields[4].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    fields[4].u.i64 = record.timestamp.value;
    fields[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
    fields[5].u.ptr = reinterpret_cast<void*>(static_cast<std::uintptr_t>(ticket));
    fields[6].vtype = RD_KAFKA_VTYPE_MSGFLAGS;  // else the value is borrowed
    fields[6].u.i = RD_KAFKA_MSG_F_COPY;
    fields[kHeaders].vtype = RD_KAFKA_VTYPE_HEADERS;
    fields[kHeaders].u.headers = make_headers(record.headers);
    return produce(fields);
  }

  Result<std::vector<Written>> poll(std::chrono::milliseconds at_most) override {
    std::vector<Written> out;
    auto wait = static_cast<int>(at_most.count());
    while (KafkaEvent event{rd_kafka_queue_poll(queue_.get(), wait)}) {
      wait = 0;
      if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR) continue;
      while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get())) {
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
          return to_error(message->err, "cannot write to the embedded cluster", "");
        }
        out.push_back({reinterpret_cast<std::uintptr_t>(message->_private), {message->offset}});
      }
    }
    return out;
  }

 private:
  static constexpr std::size_t kFields = 8;
  static constexpr std::size_t kHeaders = 7;

  // The headers become the library's on success.
  Result<bool> produce(std::array<rd_kafka_vu_t, kFields>& fields) {
    const KafkaError error(rd_kafka_produceva(client_.get(), fields.data(), fields.size()));
    if (!error) return true;
    rd_kafka_headers_destroy(fields[kHeaders].u.headers);
    const auto code = rd_kafka_error_code(error.get());
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
    return to_error(code, "cannot write to the embedded cluster", "");
  }

  Client client_;
  Queue queue_;
};

// --- listing topics
// -------------------------------------------------------------------------------

class PlainTopics : public EmbeddedTopics {
 public:
  PlainTopics(Client client, std::chrono::milliseconds timeout)
      : client_(std::move(client)), timeout_(timeout) {}

  Result<std::vector<TopicInfo>> list() override {
    const rd_kafka_metadata_t* raw = nullptr;
    const auto code =
        rd_kafka_metadata(client_.get(), 1, nullptr, &raw, static_cast<int>(timeout_.count()));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(code, "cannot list the topics", "");
    std::vector<TopicInfo> out;
    for (int i = 0; i < raw->topic_cnt; ++i) {
      const auto& topic = raw->topics[i];
      out.push_back({topic.topic, kNoTopicId, topic.partition_cnt, std::nullopt});
    }
    rd_kafka_metadata_destroy(raw);
    return out;
  }

 private:
  Client client_;
  std::chrono::milliseconds timeout_;
};

// --- reading -------------------------------------------------------------------------------------

std::optional<std::string> copy(const void* bytes, std::size_t size) {
  if (bytes == nullptr) return std::nullopt;
  return std::string(static_cast<const char*>(bytes), size);
}

Headers copy_headers(const rd_kafka_message_t* message) {
  Headers out;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return out;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    out.push_back({name, copy(value, size)});
  }
  return out;
}

ReadRecord read_record(const rd_kafka_message_t* message) {
  ReadRecord out;
  out.place = {rd_kafka_topic_name(message->rkt), message->partition};
  out.offset = {message->offset};
  out.record.key = copy(message->key, message->key_len);
  out.record.value = copy(message->payload, message->len);
  out.record.timestamp = {rd_kafka_message_timestamp(message, nullptr)};
  out.record.headers = copy_headers(message);
  return out;
}

class LocalReader : public EmbeddedReader {
 public:
  explicit LocalReader(Client client) : client_(std::move(client)) {}
  ~LocalReader() override { rd_kafka_consumer_close(client_.get()); }

  rd_kafka_t* handle() { return client_.get(); }

  // One by one and not in batches: the batch call waits until its array is full.
  Result<std::vector<ReadRecord>> poll(std::chrono::milliseconds at_most) override {
    std::vector<ReadRecord> out;
    auto wait = static_cast<int>(at_most.count());
    while (out.size() < kPollRecordsMax) {
      const std::unique_ptr<rd_kafka_message_t, Deleter<rd_kafka_message_destroy>> message(
          rd_kafka_consumer_poll(client_.get(), wait));
      if (!message) break;
      wait = 0;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        out.push_back(read_record(message.get()));
      } else if (next_of(message->err) != Next::retry) {
        return to_error(message->err, "cannot read from the embedded cluster", "");
      }
    }
    return out;
  }

  void commit() override { rd_kafka_commit(client_.get(), nullptr, 1); }

 private:
  Client client_;
};

// Waits little when a partition is empty: the mock holds such a fetch for the whole time even when
// records arrive meanwhile.
Result<std::unique_ptr<LocalReader>> open_reader(std::uint16_t& broker_port,
                                                 const std::string& client_id,
                                                 const std::string& group) {
  auto client = open_local(RD_KAFKA_CONSUMER, broker_port, client_id,
                           {{"group.id", group},
                            {"enable.auto.commit", "false"},
                            {"auto.offset.reset", "earliest"},
                            {"check.crcs", "true"},
                            {"fetch.wait.max.ms", "5"},
                            {"fetch.queue.backoff.ms", "2", true},
                            {"topic.metadata.refresh.fast.interval.ms", "50"}});
  if (!client) return client.error();
  rd_kafka_poll_set_consumer(client->get());
  return std::make_unique<LocalReader>(std::move(*client));
}

}  // namespace

Result<std::unique_ptr<EmbeddedWriter>> make_embedded_writer(std::uint16_t& broker_port,
                                                             const std::string& client_id) {
  auto client =
      open_local(RD_KAFKA_PRODUCER, broker_port, client_id,
                 {{"linger.ms", "2"},  // a transaction's rows are written at once: one batch
                  {"batch.num.messages", "100000"},
                  {"queue.buffering.max.kbytes", std::to_string(kWriterQueueBytes >> 10)},
                  {"acks", "all"}});
  if (!client) return client.error();
  return std::unique_ptr<EmbeddedWriter>(std::make_unique<LocalWriter>(std::move(*client)));
}

Result<std::unique_ptr<EmbeddedReader>> make_embedded_group_reader(
    std::uint16_t& broker_port, const std::string& group, const std::vector<std::string>& topics) {
  auto reader = open_reader(broker_port, group, group);
  if (!reader) return reader.error();
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
  for (const auto& topic : topics) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  const auto code = rd_kafka_subscribe((*reader)->handle(), list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return to_error(code, "cannot subscribe", "group=" + group);
  return std::unique_ptr<EmbeddedReader>(std::move(*reader));
}

Result<std::unique_ptr<EmbeddedReader>> make_embedded_reader(
    std::uint16_t& broker_port, const std::string& client_id,
    const std::vector<TopicPartition>& partitions) {
  auto reader = open_reader(broker_port, client_id, client_id + "-without-group");
  if (!reader) return reader.error();
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const auto& p : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), p.topic.c_str(), p.partition)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
  }
  const auto code = rd_kafka_assign((*reader)->handle(), list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return to_error(code, "cannot read", "client=" + client_id);
  return std::unique_ptr<EmbeddedReader>(std::move(*reader));
}

}  // namespace longspan::kafka

namespace longspan {

Result<std::unique_ptr<EmbeddedTopics>> make_embedded_topics(const ClusterConfig& cluster,
                                                             const std::string& client_id,
                                                             std::chrono::milliseconds timeout) {
  auto conf = kafka::make_conf(cluster, kafka::Role::admin, client_id, {});
  if (!conf) return conf.error();
  auto client = kafka::open_client(RD_KAFKA_PRODUCER, std::move(*conf), "cluster=" + cluster.alias);
  if (!client) return client.error();
  return std::unique_ptr<EmbeddedTopics>(
      std::make_unique<kafka::PlainTopics>(std::move(*client), timeout));
}

}  // namespace longspan
