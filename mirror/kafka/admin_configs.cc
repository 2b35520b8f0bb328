// Topic configs: described, altered one by one.
#include <array>
#include <memory>

#include "mirror/kafka/admin_client.h"

namespace longspan::kafka {
namespace {

constexpr int kAlterSince = 0x020200ff;

using ConfigResourcePtr =
    std::unique_ptr<rd_kafka_ConfigResource_t, Deleter<rd_kafka_ConfigResource_destroy>>;

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

}  // namespace

Result<std::map<std::string, Result<TopicConfig>>> KafkaAdmin::describe_configs(
    const std::vector<std::string>& topics) {
  constexpr const char* kDoing = "cannot describe the configs";
  std::map<std::string, Result<TopicConfig>> answer;
  if (topics.empty()) return answer;
  std::vector<ConfigResourcePtr> resources;
  std::vector<rd_kafka_ConfigResource_t*> raw;
  for (const auto& topic : topics)
    raw.push_back(resources.emplace_back(topic_resource(topic)).get());
  auto event =
      ask(kDoing, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS,
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
      answer.emplace(
          name, error_of(code, kDoing, name, rd_kafka_ConfigResource_error_string(described[i])));
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

}  // namespace longspan::kafka
