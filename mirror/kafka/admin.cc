// The Admin port on librdkafka's admin calls. Each call waits for its one answer on a queue of its
// own. Calls that an older library lacks answer with an Error that says so.
#include <algorithm>
#include <array>
#include <cstring>
#include <functional>

#include "mirror/kafka/clients.h"
#include "mirror/kafka/conf.h"
#include "mirror/kafka/errors.h"
#include "mirror/kafka/handles.h"

namespace longspan {
namespace kafka {
namespace {

constexpr int kListOffsetsSince = 0x020300ff;
constexpr int kAlterSince = 0x020200ff;
constexpr std::size_t kTopicsPerCall = 1000;

using NewTopicPtr = std::unique_ptr<rd_kafka_NewTopic_t, Deleter<rd_kafka_NewTopic_destroy>>;
using NewPartitionsPtr =
    std::unique_ptr<rd_kafka_NewPartitions_t, Deleter<rd_kafka_NewPartitions_destroy>>;
using ConfigResourcePtr =
    std::unique_ptr<rd_kafka_ConfigResource_t, Deleter<rd_kafka_ConfigResource_destroy>>;
using GroupOffsetsPtr =
    std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t,
                    Deleter<rd_kafka_ListConsumerGroupOffsets_destroy>>;

struct MetadataDeleter {
  void operator()(const rd_kafka_metadata_t* m) const noexcept { rd_kafka_metadata_destroy(m); }
};
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, MetadataDeleter>;

class KafkaAdmin : public Admin {
 public:
  KafkaAdmin(Client client, std::string where, std::chrono::milliseconds timeout)
      : client_(std::move(client)), where_(std::move(where)), timeout_ms_(static_cast<int>(timeout.count())) {}

  Result<std::string> cluster_id() override;
  Result<std::vector<TopicInfo>> topics() override;
  Result<void> create_topic(const NewTopic& topic) override;
  Result<void> grow_topic(const std::string& topic, std::int32_t partitions) override;
  Result<std::map<std::string, Result<TopicConfig>>> describe_configs(
      const std::vector<std::string>& topics) override;
  Result<void> alter_config(const std::string& topic,
                            const std::vector<ConfigChange>& changes) override;
  Result<std::map<TopicPartition, Result<PartitionEnds>>> ends(
      const std::vector<TopicPartition>& partitions) override;
  Result<std::map<TopicPartition, std::optional<Offset>>> offsets_for_time(
      const std::vector<TopicPartition>& partitions, TimestampMs at) override;
  Result<GroupInfo> describe_group(const std::string& group) override;
  Result<std::map<TopicPartition, Offset>> group_offsets(const std::string& group) override;

 private:
  // Sends by `submit` and waits for its answer.
  Result<KafkaEvent> ask(const std::string& doing, rd_kafka_admin_op_t op,
                         const std::function<void(rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>& submit,
                         std::optional<Isolation> isolation = {});
  Error error_of(rd_kafka_resp_err_t code, const std::string& doing, const std::string& topic,
                 const char* detail = nullptr) const {
    return to_error(code, doing, topic.empty() ? where_ : where_ + " topic=" + topic, detail);
  }
  Result<void> topic_answer(const std::string& doing, const std::string& topic,
                            const rd_kafka_topic_result_t* const* results, std::size_t count) const;
  void add_topic_ids(std::vector<TopicInfo>& topics);
  // ListOffsets with a spec (or a timestamp) for every partition.
  Result<std::map<TopicPartition, Result<std::int64_t>>> list_offsets(
      const std::vector<TopicPartition>& partitions, std::int64_t spec, Isolation isolation);
  std::map<TopicPartition, Result<PartitionEnds>> watermarks(
      const std::vector<TopicPartition>& partitions);

  Client client_;
  std::string where_;
  int timeout_ms_;
};

Result<KafkaEvent> KafkaAdmin::ask(
    const std::string& doing, rd_kafka_admin_op_t op,
    const std::function<void(rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>& submit,
    std::optional<Isolation> isolation) {
  const AdminOptions options(rd_kafka_AdminOptions_new(client_.get(), op));
  std::array<char, 256> reason{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms_, reason.data(), reason.size());
#if RD_KAFKA_VERSION >= 0x020300ff
  if (isolation) {
    const KafkaError ignored(rd_kafka_AdminOptions_set_isolation_level(
        options.get(), *isolation == Isolation::read_committed
                           ? RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED
                           : RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED));
  }
#else
  (void)isolation;
#endif
  const Queue queue(rd_kafka_queue_new(client_.get()));
  submit(options.get(), queue.get());
  KafkaEvent event(rd_kafka_queue_poll(queue.get(), timeout_ms_ + 1000));
  if (!event) return fail(Next::retry, doing + ": no answer in time", where_);
  if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return error_of(code, doing, "", rd_kafka_event_error_string(event.get()));
  }
  return event;
}

Result<std::string> KafkaAdmin::cluster_id() {
  const std::unique_ptr<char, decltype([](char* p) { std::free(p); })> id(
      rd_kafka_clusterid(client_.get(), timeout_ms_));
  if (id) return std::string(id.get());
  // Old brokers have no cluster id; tell them from brokers that do not answer.
  if (auto reachable = topics(); !reachable) return reachable.error();
  return std::string();
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
                                            topic.replication_factor, reason.data(), reason.size()));
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
  const auto* const* results = rd_kafka_CreateTopics_result_topics(
      rd_kafka_event_CreateTopics_result(event->get()), &count);
  auto answer = topic_answer(kDoing, topic.name, results, count);
  if (!answer && answer.error().kafka_code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return {};
  return answer;
}

Result<void> KafkaAdmin::grow_topic(const std::string& topic, std::int32_t partitions) {
  constexpr const char* kDoing = "cannot add partitions to the topic";
  std::array<char, 512> reason{};
  NewPartitionsPtr request(
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<std::size_t>(partitions), reason.data(),
                                 reason.size()));
  if (!request) return fail(Next::park_partition, std::string(kDoing) + ": " + reason.data(), where_);
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

ConfigResourcePtr topic_resource(const std::string& topic) {
  return ConfigResourcePtr(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
}

TopicConfig config_of(const rd_kafka_ConfigResource_t* resource) {
  TopicConfig config;
  std::size_t count = 0;
  const auto** entries = rd_kafka_ConfigResource_configs(resource, &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto* entry = entries[i];
    const char* value = rd_kafka_ConfigEntry_value(entry);
    config[rd_kafka_ConfigEntry_name(entry)] = {
        value != nullptr ? value : "",
        rd_kafka_ConfigEntry_source(entry) != RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG,
        rd_kafka_ConfigEntry_is_sensitive(entry) == 1,
        rd_kafka_ConfigEntry_is_read_only(entry) == 1,
    };
  }
  return config;
}

Result<std::map<std::string, Result<TopicConfig>>> KafkaAdmin::describe_configs(
    const std::vector<std::string>& topics) {
  constexpr const char* kDoing = "cannot describe the configs";
  std::map<std::string, Result<TopicConfig>> answer;
  if (topics.empty()) return answer;
  std::vector<ConfigResourcePtr> resources;
  std::vector<rd_kafka_ConfigResource_t*> raw;
  for (const auto& topic : topics) raw.push_back(resources.emplace_back(topic_resource(topic)).get());
  auto event = ask(kDoing, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS,
                   [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                     rd_kafka_DescribeConfigs(client_.get(), raw.data(), raw.size(), options, queue);
                   });
  if (!event) return event.error();
  std::size_t count = 0;
  const auto** described = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name = rd_kafka_ConfigResource_name(described[i]);
    const auto code = rd_kafka_ConfigResource_error(described[i]);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      answer.emplace(name, error_of(code, kDoing, name,
                                    rd_kafka_ConfigResource_error_string(described[i])));
    } else {
      answer.emplace(name, config_of(described[i]));
    }
  }
  return answer;
}

Result<void> KafkaAdmin::alter_config(const std::string& topic,
                                      const std::vector<ConfigChange>& changes) {
  constexpr const char* kDoing = "cannot alter the configs";
  if (changes.empty()) return {};
#if RD_KAFKA_VERSION >= 0x020200ff
  if (rd_kafka_version() < kAlterSince) {
    return fail(Next::park_partition, std::string(kDoing) + ": needs librdkafka 2.2.0", where_);
  }
  const auto resource = topic_resource(topic);
  for (const auto& change : changes) {
    const KafkaError refused(rd_kafka_ConfigResource_add_incremental_config(
        resource.get(), change.name.c_str(),
        change.value ? RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET : RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE,
        change.value ? change.value->c_str() : nullptr));
    if (refused) {
      return error_of(rd_kafka_error_code(refused.get()), kDoing, topic,
                      rd_kafka_error_string(refused.get()));
    }
  }
  std::array<rd_kafka_ConfigResource_t*, 1> raw = {resource.get()};
  auto event = ask(kDoing, RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS,
                   [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                     rd_kafka_IncrementalAlterConfigs(client_.get(), raw.data(), 1, options, queue);
                   });
  if (!event) return event.error();
  std::size_t count = 0;
  const auto** altered = rd_kafka_IncrementalAlterConfigs_result_resources(
      rd_kafka_event_IncrementalAlterConfigs_result(event->get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_ConfigResource_error(altered[i]);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return error_of(code, kDoing, topic, rd_kafka_ConfigResource_error_string(altered[i]));
    }
  }
  return {};
#else
  return fail(Next::park_partition, std::string(kDoing) + ": needs librdkafka 2.2.0",
              where_ + " topic=" + topic);
#endif
}

PartitionList list_of(const std::vector<TopicPartition>& partitions) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const auto& tp : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), tp.topic.c_str(), tp.partition);
  }
  return list;
}

Result<std::map<TopicPartition, Result<std::int64_t>>> KafkaAdmin::list_offsets(
    const std::vector<TopicPartition>& partitions, std::int64_t spec, Isolation isolation) {
  constexpr const char* kDoing = "cannot list the offsets";
  std::map<TopicPartition, Result<std::int64_t>> answer;
#if RD_KAFKA_VERSION >= 0x020300ff
  const auto list = list_of(partitions);
  for (auto& entry : std::span(list->elems, static_cast<std::size_t>(list->cnt))) entry.offset = spec;
  auto event = ask(
      kDoing, RD_KAFKA_ADMIN_OP_LISTOFFSETS,
      [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_ListOffsets(client_.get(), list.get(), options, queue);
      },
      isolation);
  if (!event) return event.error();
  std::size_t count = 0;
  const auto** infos = rd_kafka_ListOffsets_result_infos(
      rd_kafka_event_ListOffsets_result(event->get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto* entry = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
    const TopicPartition tp{entry->topic, entry->partition};
    if (entry->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      answer.emplace(tp, error_of(entry->err, kDoing, tp.text()));
    } else {
      answer.emplace(tp, entry->offset);
    }
  }
#else
  (void)partitions, (void)spec, (void)isolation;
#endif
  return answer;
}

// What libraries before 2.3.0 can tell: one partition at a time, no last stable offset.
std::map<TopicPartition, Result<PartitionEnds>> KafkaAdmin::watermarks(
    const std::vector<TopicPartition>& partitions) {
  std::map<TopicPartition, Result<PartitionEnds>> answer;
  for (const auto& tp : partitions) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto code = rd_kafka_query_watermark_offsets(client_.get(), tp.topic.c_str(), tp.partition,
                                                       &low, &high, timeout_ms_);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      answer.emplace(tp, error_of(code, "cannot list the offsets", tp.text()));
    } else {
      answer.emplace(tp, PartitionEnds{{low}, {high}, {high}});
    }
  }
  return answer;
}

Result<std::map<TopicPartition, Result<PartitionEnds>>> KafkaAdmin::ends(
    const std::vector<TopicPartition>& partitions) {
  std::map<TopicPartition, Result<PartitionEnds>> answer;
  if (partitions.empty()) return answer;
#if RD_KAFKA_VERSION >= 0x020300ff
  if (rd_kafka_version() >= kListOffsetsSince) {
    auto start = list_offsets(partitions, RD_KAFKA_OFFSET_SPEC_EARLIEST, Isolation::read_uncommitted);
    if (!start) return start.error();
    // The stable end first: read the other way round it could lie above the end.
    auto stable = list_offsets(partitions, RD_KAFKA_OFFSET_SPEC_LATEST, Isolation::read_committed);
    if (!stable) return stable.error();
    auto end = list_offsets(partitions, RD_KAFKA_OFFSET_SPEC_LATEST, Isolation::read_uncommitted);
    if (!end) return end.error();
    for (const auto& tp : partitions) {
      PartitionEnds ends;
      const Error* error = nullptr;
      const auto take = [&](auto& from, Offset& into) {
        const auto found = from->find(tp);
        if (found == from->end()) return;
        if (found->second) {
          into = {*found->second};
        } else {
          error = &found->second.error();
        }
      };
      take(start, ends.start);
      take(stable, ends.stable_end);
      take(end, ends.end);
      if (error != nullptr) {
        answer.emplace(tp, *error);
      } else if (end->contains(tp) && start->contains(tp) && stable->contains(tp)) {
        answer.emplace(tp, ends);
      }
    }
    return answer;
  }
#endif
  return watermarks(partitions);
}

Result<std::map<TopicPartition, std::optional<Offset>>> KafkaAdmin::offsets_for_time(
    const std::vector<TopicPartition>& partitions, TimestampMs at) {
  constexpr const char* kDoing = "cannot look up offsets by time";
  const auto list = list_of(partitions);
  for (auto& entry : std::span(list->elems, static_cast<std::size_t>(list->cnt))) {
    entry.offset = at.value;
  }
  const auto code = rd_kafka_offsets_for_times(client_.get(), list.get(), timeout_ms_);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, kDoing, "");
  std::map<TopicPartition, std::optional<Offset>> answer;
  for (const auto& entry : std::span(list->elems, static_cast<std::size_t>(list->cnt))) {
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(entry.err, kDoing, entry.topic);
    auto& offset = answer[{entry.topic, entry.partition}];
    if (entry.offset >= 0) offset = Offset{entry.offset};
  }
  return answer;
}

Result<GroupInfo> KafkaAdmin::describe_group(const std::string& group) {
  constexpr const char* kDoing = "cannot describe the group";
  std::array<const char*, 1> names = {group.c_str()};
  auto event = ask(kDoing, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS,
                   [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                     rd_kafka_DescribeConsumerGroups(client_.get(), names.data(), 1, options, queue);
                   });
  if (!event) return event.error();
  std::size_t count = 0;
  const auto** groups = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(event->get()), &count);
  if (count == 0) return fail(Next::retry, std::string(kDoing) + ": the answer is empty", where_);
  if (const auto* error = rd_kafka_ConsumerGroupDescription_error(groups[0]); error != nullptr) {
    return to_error(rd_kafka_error_code(error), kDoing, where_ + " group=" + group,
                    rd_kafka_error_string(error));
  }
  return GroupInfo{
      rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(groups[0])),
      static_cast<std::int32_t>(rd_kafka_ConsumerGroupDescription_member_count(groups[0]))};
}

Result<std::map<TopicPartition, Offset>> KafkaAdmin::group_offsets(const std::string& group) {
  constexpr const char* kDoing = "cannot read the group's offsets";
  const GroupOffsetsPtr request(rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr));
  std::array<rd_kafka_ListConsumerGroupOffsets_t*, 1> requests = {request.get()};
  auto event = ask(kDoing, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS,
                   [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                     rd_kafka_ListConsumerGroupOffsets(client_.get(), requests.data(), 1, options, queue);
                   });
  if (!event) return event.error();
  std::size_t count = 0;
  const auto** groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event->get()), &count);
  std::map<TopicPartition, Offset> offsets;
  if (count == 0) return offsets;
  if (const auto* error = rd_kafka_group_result_error(groups[0]); error != nullptr) {
    return to_error(rd_kafka_error_code(error), kDoing, where_ + " group=" + group,
                    rd_kafka_error_string(error));
  }
  const auto* list = rd_kafka_group_result_partitions(groups[0]);
  if (list == nullptr) return offsets;
  for (const auto& entry : std::span(list->elems, static_cast<std::size_t>(list->cnt))) {
    if (entry.err == RD_KAFKA_RESP_ERR_NO_ERROR && entry.offset >= 0) {
      offsets[{entry.topic, entry.partition}] = {entry.offset};
    }
  }
  return offsets;
}

}  // namespace
}  // namespace kafka

Result<std::unique_ptr<Admin>> make_admin(const ClusterConfig& cluster, const std::string& client_id,
                                          std::chrono::milliseconds timeout) {
  auto conf = kafka::make_conf(cluster, kafka::Role::admin, client_id, {});
  if (!conf) return conf.error();
  const std::string where = "cluster=" + cluster.alias;
  // The events are drained nowhere: errors reach the caller through each call's own answer.
  auto client = kafka::open_client(RD_KAFKA_PRODUCER, std::move(*conf), where);
  if (!client) return client.error();
  return std::unique_ptr<Admin>(
      std::make_unique<kafka::KafkaAdmin>(std::move(*client), where, timeout));
}

}  // namespace longspan
