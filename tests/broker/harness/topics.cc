#include "tests/broker/harness/topics.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <tuple>
#include <vector>

#include "tests/broker/harness/eventually.h"

namespace longspan::harness {
namespace {

constexpr int kTimeoutMs = 30'000;
constexpr int kQueryMs = 5'000;  // a dead leader does not answer; asked again, there is another

using Event = Handle<rd_kafka_event_t, rd_kafka_event_destroy>;
using Metadata = Handle<const rd_kafka_metadata_t, rd_kafka_metadata_destroy>;
using NewTopic = Handle<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using DeleteTopic = Handle<rd_kafka_DeleteTopic_t, rd_kafka_DeleteTopic_destroy>;
using NewPartitions = Handle<rd_kafka_NewPartitions_t, rd_kafka_NewPartitions_destroy>;
using DeleteRecords = Handle<rd_kafka_DeleteRecords_t, rd_kafka_DeleteRecords_destroy>;
using Resource = Handle<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;
using GroupOffsets =
    Handle<rd_kafka_AlterConsumerGroupOffsets_t, rd_kafka_AlterConsumerGroupOffsets_destroy>;
using Acl = Handle<rd_kafka_AclBinding_t, rd_kafka_AclBinding_destroy>;

// Sends one admin request and waits for its result.
Event ask(rd_kafka_t* client, const std::string& doing,
          const std::function<void(rd_kafka_queue_t*)>& send) {
  const Queue queue(rd_kafka_queue_new(client));
  send(queue.get());
  Event event(rd_kafka_queue_poll(queue.get(), kTimeoutMs));
  require(event != nullptr, doing + ": no answer in 30 s");
  require_ok(rd_kafka_event_error(event.get()), doing);
  return event;
}

void require_topics_ok(const rd_kafka_topic_result_t** results, size_t count,
                       const std::string& doing) {
  for (size_t i = 0; i < count; ++i) {
    require_ok(rd_kafka_topic_result_error(results[i]), doing);
  }
}

// The number of partitions of a topic that have a leader.
int32_t led_partitions(rd_kafka_t* client, const std::string& topic) {
  const rd_kafka_metadata_t* raw = nullptr;
  require_ok(rd_kafka_metadata(client, 1, nullptr, &raw, kTimeoutMs), "metadata");
  const Metadata metadata(raw);
  int32_t led = 0;
  for (int t = 0; t < raw->topic_cnt; ++t) {
    if (topic != raw->topics[t].topic) continue;
    for (int p = 0; p < raw->topics[t].partition_cnt; ++p) {
      led += raw->topics[t].partitions[p].leader >= 0 ? 1 : 0;
    }
  }
  return led;
}

rd_kafka_resp_err_t try_commit(rd_kafka_t* client, const std::string& group,
                               rd_kafka_topic_partition_list_t* offsets) {
  const GroupOffsets request(rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), offsets));
  const Event event = ask(client, "commit of " + group, [&](rd_kafka_queue_t* queue) {
    rd_kafka_AlterConsumerGroupOffsets_t* raw = request.get();
    rd_kafka_AlterConsumerGroupOffsets(client, &raw, 1, nullptr, queue);
  });
  size_t count = 0;
  const auto** groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
      rd_kafka_event_AlterConsumerGroupOffsets_result(event.get()), &count);
  require(count == 1, "commit of " + group + ": no answer");
  if (const auto* error = rd_kafka_group_result_error(groups[0])) return rd_kafka_error_code(error);
  const auto* written = rd_kafka_group_result_partitions(groups[0]);
  for (int i = 0; i < written->cnt; ++i) {
    if (written->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return written->elems[i].err;
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

// While a leader moves.
bool is_passing(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
         error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
         error == RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE || error == RD_KAFKA_RESP_ERR__NOENT ||
         error == RD_KAFKA_RESP_ERR__TIMED_OUT || error == RD_KAFKA_RESP_ERR__TRANSPORT;
}

}  // namespace

std::string unique_name(std::string_view stem) {
  static std::atomic<int> count{0};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  return std::string(stem) + "-" + std::to_string(ms) + "-" + std::to_string(getpid()) + "-" +
         std::to_string(count++);
}

Range log_range(rd_kafka_t* client, const std::string& topic, int32_t partition) {
  Range range{};
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  eventually(std::chrono::milliseconds(kTimeoutMs), [&] {
    error = rd_kafka_query_watermark_offsets(client, topic.c_str(), partition, &range.start,
                                             &range.end, kQueryMs);
    return !is_passing(error);
  });
  require_ok(error, "offsets of " + topic);
  return range;
}

Admin::Admin(const std::string& bootstrap, Settings extra) {
  extra["bootstrap.servers"] = bootstrap;
  client_ = open_client(RD_KAFKA_PRODUCER, extra);
}

void Admin::create(const Topic& topic) {
  std::array<char, 512> error{};
  const int replicas = topic.brokers.empty() ? topic.replicas : -1;
  NewTopic request(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, replicas,
                                         error.data(), error.size()));
  require(request != nullptr, error.data());
  for (int32_t p = 0; p < topic.partitions && !topic.brokers.empty(); ++p) {
    std::vector<int32_t> brokers = topic.brokers;
    require_ok(rd_kafka_NewTopic_set_replica_assignment(request.get(), p, brokers.data(),
                                                        brokers.size(), error.data(), error.size()),
               error.data());
  }
  auto configs = topic.configs;
  configs.emplace("retention.ms", "-1");
  for (const auto& [key, value] : configs) {
    require_ok(rd_kafka_NewTopic_set_config(request.get(), key.c_str(), value.c_str()), key);
  }
  const std::string doing = "create " + topic.name;
  const Event event = ask(client_.get(), doing, [&](rd_kafka_queue_t* queue) {
    rd_kafka_NewTopic_t* raw = request.get();
    rd_kafka_CreateTopics(client_.get(), &raw, 1, nullptr, queue);
  });
  size_t count = 0;
  const auto* result = rd_kafka_event_CreateTopics_result(event.get());
  require_topics_ok(rd_kafka_CreateTopics_result_topics(result, &count), count, doing);
  require(eventually(std::chrono::seconds(30),
                     [&] { return led_partitions(client_.get(), topic.name) == topic.partitions; }),
          doing + ": no leaders in 30 s");
}

void Admin::remove(const std::string& topic) {
  DeleteTopic request(rd_kafka_DeleteTopic_new(topic.c_str()));
  const Event event = ask(client_.get(), "delete " + topic, [&](rd_kafka_queue_t* queue) {
    rd_kafka_DeleteTopic_t* raw = request.get();
    rd_kafka_DeleteTopics(client_.get(), &raw, 1, nullptr, queue);
  });
  size_t count = 0;
  const auto* result = rd_kafka_event_DeleteTopics_result(event.get());
  require_topics_ok(rd_kafka_DeleteTopics_result_topics(result, &count), count, "delete " + topic);
}

void Admin::grow(const std::string& topic, int32_t partitions) {
  std::array<char, 512> error{};
  NewPartitions request(rd_kafka_NewPartitions_new(topic.c_str(), static_cast<size_t>(partitions),
                                                   error.data(), error.size()));
  require(request != nullptr, error.data());
  const Event event = ask(client_.get(), "grow " + topic, [&](rd_kafka_queue_t* queue) {
    rd_kafka_NewPartitions_t* raw = request.get();
    rd_kafka_CreatePartitions(client_.get(), &raw, 1, nullptr, queue);
  });
  size_t count = 0;
  const auto* result = rd_kafka_event_CreatePartitions_result(event.get());
  require_topics_ok(rd_kafka_CreatePartitions_result_topics(result, &count), count,
                    "grow " + topic);
  require(eventually(std::chrono::seconds(30),
                     [&] { return led_partitions(client_.get(), topic) == partitions; }),
          "grow " + topic + ": no leaders in 30 s");
}

void Admin::delete_records(const std::string& topic, int32_t partition, int64_t before) {
  const Partitions offsets(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(offsets.get(), topic.c_str(), partition)->offset = before;
  DeleteRecords request(rd_kafka_DeleteRecords_new(offsets.get()));
  const Event event = ask(client_.get(), "delete records", [&](rd_kafka_queue_t* queue) {
    rd_kafka_DeleteRecords_t* raw = request.get();
    rd_kafka_DeleteRecords(client_.get(), &raw, 1, nullptr, queue);
  });
  const auto* result = rd_kafka_event_DeleteRecords_result(event.get());
  require_ok(rd_kafka_DeleteRecords_result_offsets(result)->elems[0].err, "delete records");
}

void Admin::allow(const std::string& user, const std::string& topic,
                  rd_kafka_AclOperation_t operation) {
  allow(user, {.name = topic, .operation = operation});
}

void Admin::allow(const std::string& user, const Right& right) {
  std::array<char, 512> error{};
  Acl acl(rd_kafka_AclBinding_new(right.type, right.name.c_str(), right.pattern,
                                  ("User:" + user).c_str(), "*", right.operation,
                                  RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, error.data(), error.size()));
  require(acl != nullptr, error.data());
  const Event event = ask(client_.get(), "create ACL", [&](rd_kafka_queue_t* queue) {
    rd_kafka_AclBinding_t* raw = acl.get();
    rd_kafka_CreateAcls(client_.get(), &raw, 1, nullptr, queue);
  });
  size_t count = 0;
  const auto** results =
      rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    require_ok(rd_kafka_error_code(rd_kafka_acl_result_error(results[i])), "create ACL");
  }
}

int32_t Admin::partitions(const std::string& topic) { return led_partitions(client_.get(), topic); }

Range Admin::range(const std::string& topic, int32_t partition) {
  return log_range(client_.get(), topic, partition);
}

int64_t Admin::records(const std::string& topic) {
  int64_t sum = 0;
  for (int32_t p = 0, count = partitions(topic); p < count; ++p) {
    const Range kept = range(topic, p);
    sum += kept.end - kept.start;
  }
  return sum;
}

std::string Admin::config(const std::string& topic, const std::string& name) {
  Resource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  const Event event = ask(client_.get(), "describe " + topic, [&](rd_kafka_queue_t* queue) {
    rd_kafka_ConfigResource_t* raw = resource.get();
    rd_kafka_DescribeConfigs(client_.get(), &raw, 1, nullptr, queue);
  });
  size_t count = 0;
  const auto** resources = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  require(count == 1, "describe " + topic + ": no answer");
  require_ok(rd_kafka_ConfigResource_error(resources[0]), "describe " + topic);
  const auto** entries = rd_kafka_ConfigResource_configs(resources[0], &count);
  for (size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    if (name == rd_kafka_ConfigEntry_name(entries[i])) return value == nullptr ? "" : value;
  }
  throw HarnessError(topic + " has no config " + name);
}

void Admin::set_config(const std::string& topic, const std::string& name,
                       const std::string& value) {
  Resource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  require_ok(rd_kafka_ConfigResource_add_incremental_config(
                 resource.get(), name.c_str(), RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET, value.c_str()),
             name);
  const Event event = ask(client_.get(), "alter " + topic, [&](rd_kafka_queue_t* queue) {
    rd_kafka_ConfigResource_t* raw = resource.get();
    rd_kafka_IncrementalAlterConfigs(client_.get(), &raw, 1, nullptr, queue);
  });
  size_t count = 0;
  const auto** resources = rd_kafka_IncrementalAlterConfigs_result_resources(
      rd_kafka_event_IncrementalAlterConfigs_result(event.get()), &count);
  require(count == 1, "alter " + topic + ": no answer");
  require_ok(rd_kafka_ConfigResource_error(resources[0]), "alter " + topic);
}

void Admin::commit(const std::string& group, const std::string& topic,
                   const std::map<int32_t, int64_t>& positions) {
  const Partitions offsets(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
  for (const auto& [partition, offset] : positions) {
    rd_kafka_topic_partition_list_add(offsets.get(), topic.c_str(), partition)->offset = offset;
  }
  // On a fresh cluster the first group's coordinator is still being made.
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::ignore = eventually(std::chrono::milliseconds(kTimeoutMs), [&] {
    error = try_commit(client_.get(), group, offsets.get());
    return error != RD_KAFKA_RESP_ERR_NOT_COORDINATOR &&
           error != RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS;
  });
  require_ok(error, "commit of " + group);
}

}  // namespace longspan::harness
