// Topics: listed with their ids, created, grown.
#include <array>
#include <cstdlib>
#include <memory>
#include <span>

#include "mirror/kafka/admin_client.h"

namespace longspan::kafka {
namespace {

constexpr std::size_t kTopicsPerCall = 1000;

using NewTopicPtr = std::unique_ptr<rd_kafka_NewTopic_t, Deleter<rd_kafka_NewTopic_destroy>>;
using NewPartitionsPtr =
    std::unique_ptr<rd_kafka_NewPartitions_t, Deleter<rd_kafka_NewPartitions_destroy>>;

struct MetadataDeleter {
  void operator()(const rd_kafka_metadata_t* m) const noexcept { rd_kafka_metadata_destroy(m); }
};
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, MetadataDeleter>;

}  // namespace

Result<std::string> KafkaAdmin::cluster_id() {
  const std::unique_ptr<char, decltype([](char* p) { std::free(p); })> id(
      rd_kafka_clusterid(client_.get(), timeout_ms_));
  if (id) return std::string(id.get());
  // Old brokers have no cluster id; tell them from brokers that do not answer.
  if (auto reachable = topics(); !reachable) return reachable.error();
  const std::unique_ptr<char, decltype([](char* p) { std::free(p); })> again(
      rd_kafka_clusterid(client_.get(), timeout_ms_));
  return again ? std::string(again.get()) : std::string();
}

Result<std::vector<TopicInfo>> KafkaAdmin::topics() {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto code = rd_kafka_metadata(client_.get(), 1, nullptr, &raw, timeout_ms_);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, "cannot list the topics", "");
  const Metadata metadata(raw);
  std::vector<TopicInfo> topics;
  for (const auto& topic : std::span(raw->topics, static_cast<std::size_t>(raw->topic_cnt))) {
    auto& info = topics.emplace_back();
    info.name = topic.topic;
    info.partitions = topic.partition_cnt;
    if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      info.error = error_of(topic.err, "cannot describe the topic", info.name);
    }
  }
  add_topic_ids(topics);
  return topics;
}

Result<std::vector<std::optional<std::int32_t>>> KafkaAdmin::leaders(const std::string& name) {
  constexpr const char* kDoing = "cannot find the leaders";
  const Topic handle(rd_kafka_topic_new(client_.get(), name.c_str(), nullptr));
  if (!handle) return error_of(rd_kafka_last_error(), kDoing, name);
  const rd_kafka_metadata_t* raw = nullptr;
  const auto code = rd_kafka_metadata(client_.get(), 0, handle.get(), &raw, timeout_ms_);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, kDoing, name);
  const Metadata metadata(raw);
  std::vector<std::optional<std::int32_t>> leaders;
  for (const auto& topic : std::span(raw->topics, static_cast<std::size_t>(raw->topic_cnt))) {
    if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(topic.err, kDoing, name);
    leaders.resize(static_cast<std::size_t>(topic.partition_cnt));
    for (const auto& one :
         std::span(topic.partitions, static_cast<std::size_t>(topic.partition_cnt))) {
      const auto at = static_cast<std::size_t>(one.id);
      if (at < leaders.size() && one.leader >= 0) leaders[at] = one.leader;
    }
  }
  return leaders;
}

Result<std::map<std::string, TopicId>> KafkaAdmin::topic_ids(
    const std::vector<std::string>& names) {
  std::vector<TopicInfo> topics;
  for (const auto& name : names) topics.push_back({name, kNoTopicId, 0, {}});
  add_topic_ids(topics);
  std::map<std::string, TopicId> ids;
  for (const auto& topic : topics) {
    if (topic.id != kNoTopicId) ids.emplace(topic.name, topic.id);
  }
  return ids;
}

void KafkaAdmin::add_topic_ids(std::vector<TopicInfo>& topics) {
#if RD_KAFKA_VERSION >= 0x020300ff
  std::map<std::string, TopicInfo*> by_name;
  std::vector<const char*> names;
  const auto ask_for_ids = [&] {
    const std::unique_ptr<rd_kafka_TopicCollection_t, Deleter<rd_kafka_TopicCollection_destroy>>
        collection(rd_kafka_TopicCollection_of_topic_names(names.data(), names.size()));
    auto event = ask("cannot describe the topics", RD_KAFKA_ADMIN_OP_DESCRIBETOPICS,
                     [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                       rd_kafka_DescribeTopics(client_.get(), collection.get(), options, queue);
                     });
    names.clear();
    if (!event) return;  // ids stay unknown: the caller treats them so
    std::size_t count = 0;
    const auto* result = rd_kafka_event_DescribeTopics_result(event->get());
    const auto** described = rd_kafka_DescribeTopics_result_topics(result, &count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto found = by_name.find(rd_kafka_TopicDescription_name(described[i]));
      const auto* id = rd_kafka_TopicDescription_topic_id(described[i]);
      if (found == by_name.end() || id == nullptr) continue;
      const std::array<std::int64_t, 2> halves = {rd_kafka_Uuid_most_significant_bits(id),
                                                  rd_kafka_Uuid_least_significant_bits(id)};
      for (std::size_t byte = 0; byte < 16; ++byte) {
        const auto half = static_cast<std::uint64_t>(halves[byte / 8]);
        found->second->id[byte] = static_cast<std::uint8_t>(half >> (56 - 8 * (byte % 8)));
      }
    }
  };
  for (auto& topic : topics) {
    if (topic.error) continue;
    by_name[topic.name] = &topic;
    names.push_back(topic.name.c_str());
    if (names.size() == kTopicsPerCall) ask_for_ids();
  }
  if (!names.empty()) ask_for_ids();
#else
  (void)topics;
#endif
}

Result<void> KafkaAdmin::topic_answer(const std::string& doing, const std::string& topic,
                                      const rd_kafka_topic_result_t* const* results,
                                      std::size_t count) const {
  if (count == 0) return fail(Next::retry, doing + ": the answer is empty", where_);
  const auto code = rd_kafka_topic_result_error(results[0]);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return error_of(code, doing, topic, rd_kafka_topic_result_error_string(results[0]));
}

Result<void> KafkaAdmin::create_topic(const NewTopic& topic) {
  constexpr const char* kDoing = "cannot create the topic";
  std::array<char, 512> reason{};
  NewTopicPtr request(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions,
                                            topic.replication_factor, reason.data(),
                                            reason.size()));
  if (!request) {
    return fail(Next::park_partition, std::string(kDoing) + ": " + reason.data(),
                where_ + " topic=" + topic.name);
  }
  for (const auto& [name, value] : topic.configs) {
    rd_kafka_NewTopic_set_config(request.get(), name.c_str(), value.c_str());
  }
  std::array<rd_kafka_NewTopic_t*, 1> requests = {request.get()};
  auto event = ask(kDoing, RD_KAFKA_ADMIN_OP_CREATETOPICS,
                   [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                     rd_kafka_CreateTopics(client_.get(), requests.data(), 1, options, queue);
                   });
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* const* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
  auto answer = topic_answer(kDoing, topic.name, results, count);
  if (!answer && answer.error().kafka_code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return {};
  return answer;
}

Result<void> KafkaAdmin::grow_topic(const std::string& topic, std::int32_t partitions) {
  constexpr const char* kDoing = "cannot add partitions to the topic";
  std::array<char, 512> reason{};
  NewPartitionsPtr request(rd_kafka_NewPartitions_new(
      topic.c_str(), static_cast<std::size_t>(partitions), reason.data(), reason.size()));
  if (!request)
    return fail(Next::park_partition, std::string(kDoing) + ": " + reason.data(), where_);
  std::array<rd_kafka_NewPartitions_t*, 1> requests = {request.get()};
  auto event = ask(kDoing, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS,
                   [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                     rd_kafka_CreatePartitions(client_.get(), requests.data(), 1, options, queue);
                   });
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* const* results = rd_kafka_CreatePartitions_result_topics(
      rd_kafka_event_CreatePartitions_result(event->get()), &count);
  return topic_answer(kDoing, topic, results, count);
}

}  // namespace longspan::kafka
