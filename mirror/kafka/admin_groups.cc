// Consumer groups: their state and committed offsets.
#include <array>
#include <memory>
#include <span>

#include "mirror/kafka/admin_client.h"

namespace longspan::kafka {
namespace {

using GroupOffsetsPtr = std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t,
                                        Deleter<rd_kafka_ListConsumerGroupOffsets_destroy>>;

}  // namespace

Result<GroupInfo> KafkaAdmin::describe_group(const std::string& group) {
  constexpr const char* kDoing = "cannot describe the group";
  std::array<const char*, 1> names = {group.c_str()};
  auto event =
      ask(kDoing, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS,
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

// The library (2.14) dereferences its own group when a coordinator answers NOT_COORDINATOR, and a
// producer's handle has none: so it is asked by a consumer of that group, which never joins.
Result<std::map<TopicPartition, Offset>> KafkaAdmin::group_offsets(const std::string& group) {
  constexpr const char* kDoing = "cannot read the group's offsets";
  const auto client = make_group_client_(group);
  if (!client) return client.error();
  const GroupOffsetsPtr request(rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr));
  std::array<rd_kafka_ListConsumerGroupOffsets_t*, 1> requests = {request.get()};
  auto event =
      ask(*client, kDoing, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS,
          [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
            rd_kafka_ListConsumerGroupOffsets(client->get(), requests.data(), 1, options, queue);
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

}  // namespace longspan::kafka
