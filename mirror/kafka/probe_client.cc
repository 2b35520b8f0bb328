// The ProbeClient port: one producer handle that writes single records, each at once, and asks for
// metadata between them.
#include <algorithm>
#include <array>
#include <set>

#include "mirror/kafka/clients.h"
#include "mirror/kafka/conf.h"
#include "mirror/kafka/errors.h"
#include "mirror/kafka/handles.h"
#include "mirror/kafka/rebootstrap.h"

namespace longspan {
namespace kafka {
namespace {

constexpr const char* kAnswerMs = "3000";  // a record that takes longer bounds little

// Tight bounds need a record that goes at once and is told at once: by its leader alone.
std::vector<OwnProperty> probe_properties() {
  return {{"enable.idempotence", "false"},
          {"acks", "1"},
          {"linger.ms", "0"},
          {"message.send.max.retries", "0"},
          {"message.timeout.ms", kAnswerMs},
          {"request.timeout.ms", kAnswerMs},
          {"compression.codec", "none"},
          {"queue.buffering.max.messages", "1000"},
          {"delivery.report.only.error", "false"}};
}

using NewTopicPtr = std::unique_ptr<rd_kafka_NewTopic_t, Deleter<rd_kafka_NewTopic_destroy>>;
using NewPartitionsPtr =
    std::unique_ptr<rd_kafka_NewPartitions_t, Deleter<rd_kafka_NewPartitions_destroy>>;
struct MetadataDeleter {
  void operator()(const rd_kafka_metadata_t* m) const noexcept { rd_kafka_metadata_destroy(m); }
};
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, MetadataDeleter>;

// Also what a topic of the flow would be tried with again: here there are other ways.
bool is_refusal(rd_kafka_resp_err_t code) {
  constexpr std::array kRefusals{
      RD_KAFKA_RESP_ERR_INVALID_REPLICA_ASSIGNMENT, RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR,
      RD_KAFKA_RESP_ERR_INVALID_REQUEST, RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION,
      RD_KAFKA_RESP_ERR_SECURITY_DISABLED};
  return std::find(kRefusals.begin(), kRefusals.end(), code) != kRefusals.end();
}

class KafkaProbe final : public ProbeClient {
 public:
  KafkaProbe(Client client, std::string where, std::chrono::milliseconds timeout)
      : client_(std::move(client)),
        queue_(rd_kafka_queue_get_main(client_.get())),
        where_(std::move(where)),
        timeout_ms_(static_cast<int>(timeout.count())) {}

  ~KafkaProbe() override {
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                      RD_KAFKA_PURGE_F_NON_BLOCKING);
    topic_.reset();
  }

  Result<ClusterView> look() override;
  Result<Making> create(const NewTopic& topic, std::span<const std::int32_t> brokers) override;
  Result<Making> grow(const std::string& topic, std::int32_t partitions,
                      std::span<const std::int32_t> brokers) override;
  Result<void> send(std::int32_t partition) override;
  void poll(ProbeEvents& events, std::chrono::milliseconds at_most) override;

 private:
  using TopicResults = const rd_kafka_topic_result_t* const*;
  template <class Submit>
  Result<KafkaEvent> ask(const std::string& doing, rd_kafka_admin_op_t op, Submit submit);
  Result<Making> making_of(const std::string& doing, TopicResults results, std::size_t count) const;
  [[nodiscard]] Result<ProbeAnswer> answer_of(const rd_kafka_message_t* message) const;
  Error error_of(rd_kafka_resp_err_t code, const std::string& doing,
                 const char* detail = nullptr) const {
    rebootstrap_.note(code);
    rebootstrap_.turn();
    return to_error(code, doing, where_, detail);
  }

  Client client_;
  mutable Rebootstrap rebootstrap_{client_.get()};
  Queue queue_;
  Topic topic_;  // opened with the first record: before, a broker might make it by itself
  const std::string where_;
  const int timeout_ms_;
};

Result<ClusterView> KafkaProbe::look() {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto code = rd_kafka_metadata(client_.get(), 1, nullptr, &raw, timeout_ms_);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, "cannot ask for leaders");
  const Metadata metadata(raw);
  ClusterView view;
  for (const auto& broker : std::span(raw->brokers, static_cast<std::size_t>(raw->broker_cnt))) {
    if (broker.id >= 0) view.brokers.push_back(broker.id);
  }
  std::sort(view.brokers.begin(), view.brokers.end());
  std::set<std::int32_t> replicas;
  for (const auto& topic : std::span(raw->topics, static_cast<std::size_t>(raw->topic_cnt))) {
    if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    auto& leaders = view.topics[topic.topic];
    leaders.resize(static_cast<std::size_t>(topic.partition_cnt));
    const std::span partitions(topic.partitions, leaders.size());
    for (const auto& partition : partitions) {
      const std::span nodes(partition.replicas, static_cast<std::size_t>(partition.replica_cnt));
      replicas.insert(nodes.begin(), nodes.end());
      const bool is_known = partition.leader >= 0 && partition.id < topic.partition_cnt;
      if (is_known) leaders[static_cast<std::size_t>(partition.id)] = partition.leader;
    }
  }
  view.replicas.assign(replicas.begin(), replicas.end());
  return view;
}

template <class Submit>
Result<KafkaEvent> KafkaProbe::ask(const std::string& doing, rd_kafka_admin_op_t op,
                                   Submit submit) {
  const AdminOptions options(rd_kafka_AdminOptions_new(client_.get(), op));
  std::array<char, 256> reason{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms_, reason.data(),
                                            reason.size());
  const Queue queue(rd_kafka_queue_new(client_.get()));
  submit(options.get(), queue.get());
  KafkaEvent event(rd_kafka_queue_poll(queue.get(), timeout_ms_ + 1000));
  if (!event) return fail(Next::retry, doing + ": no answer in time", where_);
  if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return error_of(code, doing, rd_kafka_event_error_string(event.get()));
  }
  return event;
}

Result<Making> KafkaProbe::making_of(const std::string& doing, TopicResults results,
                                     std::size_t count) const {
  if (count == 0) return fail(Next::retry, doing + ": the answer is empty", where_);
  const auto code = rd_kafka_topic_result_error(results[0]);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return Making::done;
  // Another process was faster. (Partitions that are there are no valid number of new ones.)
  const bool was_there = code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS ||
                         code == RD_KAFKA_RESP_ERR_INVALID_PARTITIONS;
  if (was_there) return Making::was_there;
  Error error = error_of(code, doing, rd_kafka_topic_result_error_string(results[0]));
  if (is_refusal(code)) error.next = Next::park_partition;
  return error;
}

Result<Making> KafkaProbe::create(const NewTopic& topic, std::span<const std::int32_t> brokers) {
  const std::string doing = "cannot create the topic";
  std::array<char, 512> reason{};
  // With replicas by name their number must not be given, too.
  const int factor = brokers.empty() ? topic.replication_factor : -1;
  const NewTopicPtr request(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, factor,
                                                  reason.data(), reason.size()));
  if (!request) return fail(Next::park_partition, doing + ": " + reason.data(), where_);
  for (const auto& [name, value] : topic.configs) {
    rd_kafka_NewTopic_set_config(request.get(), name.c_str(), value.c_str());
  }
  for (std::size_t i = 0; i < brokers.size(); ++i) {
    std::array<std::int32_t, 1> replicas = {brokers[i]};
    const auto code = rd_kafka_NewTopic_set_replica_assignment(
        request.get(), static_cast<std::int32_t>(i), replicas.data(), replicas.size(),
        reason.data(), reason.size());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, doing, reason.data());
  }
  std::array<rd_kafka_NewTopic_t*, 1> requests = {request.get()};
  auto event = ask(doing, RD_KAFKA_ADMIN_OP_CREATETOPICS, [&](auto* options, auto* queue) {
    rd_kafka_CreateTopics(client_.get(), requests.data(), 1, options, queue);
  });
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* const* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
  return making_of(doing, results, count);
}

Result<Making> KafkaProbe::grow(const std::string& topic, std::int32_t partitions,
                                std::span<const std::int32_t> brokers) {
  const std::string doing = "cannot add partitions to the topic";
  std::array<char, 512> reason{};
  const NewPartitionsPtr request(rd_kafka_NewPartitions_new(
      topic.c_str(), static_cast<std::size_t>(partitions), reason.data(), reason.size()));
  if (!request) return fail(Next::park_partition, doing + ": " + reason.data(), where_);
  for (std::size_t i = 0; i < brokers.size(); ++i) {
    std::array<std::int32_t, 1> replicas = {brokers[i]};
    const auto code = rd_kafka_NewPartitions_set_replica_assignment(
        request.get(), static_cast<std::int32_t>(i), replicas.data(), replicas.size(),
        reason.data(), reason.size());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, doing, reason.data());
  }
  std::array<rd_kafka_NewPartitions_t*, 1> requests = {request.get()};
  auto event = ask(doing, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, [&](auto* options, auto* queue) {
    rd_kafka_CreatePartitions(client_.get(), requests.data(), 1, options, queue);
  });
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* const* results = rd_kafka_CreatePartitions_result_topics(
      rd_kafka_event_CreatePartitions_result(event->get()), &count);
  return making_of(doing, results, count);
}

Result<void> KafkaProbe::send(std::int32_t partition) {
  const std::string doing = "cannot write to the clock topic";
  if (!topic_) topic_.reset(rd_kafka_topic_new(client_.get(), kClockTopic, nullptr));
  if (!topic_) return error_of(rd_kafka_last_error(), doing);
  std::array<char, 1> value = {'.'};
  const int refused = rd_kafka_produce(topic_.get(), partition, RD_KAFKA_MSG_F_COPY, value.data(),
                                       value.size(), nullptr, 0, nullptr);
  if (refused == 0) return {};
  return error_of(rd_kafka_last_error(), doing);
}

Result<ProbeAnswer> KafkaProbe::answer_of(const rd_kafka_message_t* message) const {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    Error error = error_of(message->err, "the broker does not tell its time");
    // Neither is a refusal: a broker that stands still, and a topic that is not known everywhere
    // yet.
    if (message->err == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT ||
        message->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
      error.next = Next::retry;
    }
    return error;
  }
  auto kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t at = rd_kafka_message_timestamp(message, &kind);
  if (kind != RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME) {
    return fail(Next::park_partition,
                std::string("set message.timestamp.type=LogAppendTime of the topic ") +
                    kClockTopic + ": it tells no clock as it is",
                where_);
  }
  const std::int32_t broker = rd_kafka_message_broker_id(message);
  return ProbeAnswer{{at}, broker < 0 ? std::nullopt : std::optional(broker)};
}

// Answers that are here go out together; nobody waits behind them.
void KafkaProbe::poll(ProbeEvents& events, std::chrono::milliseconds at_most) {
  int timeout_ms = static_cast<int>(at_most.count());
  while (const KafkaEvent event{rd_kafka_queue_poll(queue_.get(), timeout_ms)}) {
    timeout_ms = 0;
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR) continue;
    while (const auto* message = rd_kafka_event_message_next(event.get())) {
      events.on_answer(message->partition, answer_of(message));
    }
  }
}

}  // namespace
}  // namespace kafka

Result<std::unique_ptr<ProbeClient>> make_probe_client(const ClusterConfig& cluster,
                                                       const std::string& client_id,
                                                       std::chrono::milliseconds timeout) {
  auto conf = kafka::make_conf(cluster, kafka::Role::sink, client_id, kafka::probe_properties());
  if (!conf) return conf.error();
  rd_kafka_conf_set_events(conf->get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  const std::string where = "cluster=" + cluster.alias;
  auto client = kafka::open_client(RD_KAFKA_PRODUCER, std::move(*conf), where);
  if (!client) return client.error();
  return std::unique_ptr<ProbeClient>(
      std::make_unique<kafka::KafkaProbe>(std::move(*client), where, timeout));
}

}  // namespace longspan
