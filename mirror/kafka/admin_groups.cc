// Consumer groups: their state and committed offsets.
#include <array>
#include <cstring>
#include <memory>
#include <span>

#include "mirror/kafka/admin_client.h"

namespace longspan::kafka {
namespace {

using AlterOffsetsPtr = std::unique_ptr<rd_kafka_AlterConsumerGroupOffsets_t,
                                        Deleter<rd_kafka_AlterConsumerGroupOffsets_destroy>>;
using GroupOffsetsPtr = std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t,
                                        Deleter<rd_kafka_ListConsumerGroupOffsets_destroy>>;

// Groups of the newer protocol have states that the library (2.14) does not know.
GroupState state_of(rd_kafka_consumer_group_state_t state) {
  switch (state) {
    case RD_KAFKA_CONSUMER_GROUP_STATE_STABLE:
      return GroupState::stable;
    case RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE:
    case RD_KAFKA_CONSUMER_GROUP_STATE_COMPLETING_REBALANCE:
      return GroupState::rebalancing;
    case RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY:
      return GroupState::empty;
    case RD_KAFKA_CONSUMER_GROUP_STATE_DEAD:
      return GroupState::dead;
    default:
      return GroupState::unknown;
  }
}

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

Result<GroupListing> KafkaAdmin::list_groups() {
  constexpr const char* kDoing = "cannot list the groups";
  auto event = ask(kDoing, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS,
                   [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                     rd_kafka_ListConsumerGroups(client_.get(), options, queue);
                   });
  if (!event) return event.error();
  const auto* result = rd_kafka_event_ListConsumerGroups_result(event->get());
  GroupListing out;
  std::size_t count = 0;
  const auto** groups = rd_kafka_ListConsumerGroups_result_valid(result, &count);
  for (const auto* group : std::span(groups, count)) {
    out.groups.emplace(rd_kafka_ConsumerGroupListing_group_id(group),
                       state_of(rd_kafka_ConsumerGroupListing_state(group)));
  }
  const auto** errors = rd_kafka_ListConsumerGroups_result_errors(result, &count);
  if (count > 0) {
    out.error =
        to_error(rd_kafka_error_code(errors[0]), kDoing, where_, rd_kafka_error_string(errors[0]));
  }
  return out;
}

// The library (2.14) dereferences its own group when a coordinator answers NOT_COORDINATOR, and a
// producer's handle has none: so it is asked by a consumer, which never joins. It serves other
// groups, too, until one is in trouble: its coordinator may have moved, and only a new client looks
// for it at once.
Result<void> KafkaAdmin::open_group_client(const std::string& group) {
  if (group_client_ && ++group_client_uses_ <= kGroupClientUses) return {};
  auto client = make_group_client_(group);
  if (!client) return client.error();
  group_client_ = std::move(*client);
  group_client_uses_ = 1;
  return {};
}

Result<void> KafkaAdmin::commit_offsets(const std::string& group,
                                        const std::map<TopicPartition, GroupPosition>& positions) {
  if (auto opened = open_group_client(group); !opened) return opened.error();
  auto done = set_group_offsets(group_client_, group, positions);
  if (!done) group_client_.reset();
  return done;
}

Result<void> KafkaAdmin::set_group_offsets(
    const Client& client, const std::string& group,
    const std::map<TopicPartition, GroupPosition>& positions) const {
  constexpr const char* kDoing = "cannot set the group's offsets";
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
  for (const auto& [partition, position] : positions) {
    auto* entry =
        rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition);
    entry->offset = position.offset.value;
    if (position.metadata.empty()) continue;
    entry->metadata = strdup(position.metadata.c_str());  // the list frees it
    entry->metadata_size = position.metadata.size();
  }
  const AlterOffsetsPtr request(rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), list.get()));
  std::array<rd_kafka_AlterConsumerGroupOffsets_t*, 1> requests = {request.get()};
  auto event =
      ask(client, kDoing, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS,
          [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
            rd_kafka_AlterConsumerGroupOffsets(client.get(), requests.data(), 1, options, queue);
          });
  if (!event) return event.error();
  std::size_t count = 0;
  const auto** groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
      rd_kafka_event_AlterConsumerGroupOffsets_result(event->get()), &count);
  if (count == 0) return fail(Next::retry, std::string(kDoing) + ": the answer is empty", where_);
  const std::string where = where_ + " group=" + group;
  if (const auto* error = rd_kafka_group_result_error(groups[0]); error != nullptr) {
    return to_error(rd_kafka_error_code(error), kDoing, where, rd_kafka_error_string(error));
  }
  const auto* set = rd_kafka_group_result_partitions(groups[0]);
  if (set == nullptr) return {};
  for (const auto& entry : std::span(set->elems, static_cast<std::size_t>(set->cnt))) {
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return to_error(entry.err, kDoing, where + " topic=" + entry.topic);
    }
  }
  return {};
}

Result<std::map<TopicPartition, Offset>> KafkaAdmin::group_offsets(const std::string& group) {
  if (auto opened = open_group_client(group); !opened) return opened.error();
  auto offsets = ask_group_offsets(group_client_, group);
  if (!offsets) group_client_.reset();
  return offsets;
}

Result<std::map<TopicPartition, Offset>> KafkaAdmin::ask_group_offsets(
    const Client& client, const std::string& group) const {
  constexpr const char* kDoing = "cannot read the group's offsets";
  const GroupOffsetsPtr request(rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr));
  std::array<rd_kafka_ListConsumerGroupOffsets_t*, 1> requests = {request.get()};
  auto event =
      ask(client, kDoing, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS,
          [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
            rd_kafka_ListConsumerGroupOffsets(client.get(), requests.data(), 1, options, queue);
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
