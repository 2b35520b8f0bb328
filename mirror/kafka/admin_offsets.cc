// Log ends, and offsets by time.
#include <array>
#include <span>

#include "mirror/kafka/admin_client.h"

namespace longspan::kafka {
namespace {

constexpr int kListOffsetsSince = 0x020300ff;

PartitionList list_of(const std::vector<TopicPartition>& partitions) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const auto& tp : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), tp.topic.c_str(), tp.partition);
  }
  return list;
}

}  // namespace

Result<std::map<TopicPartition, Result<std::int64_t>>> KafkaAdmin::list_offsets(
    const std::vector<TopicPartition>& partitions, std::int64_t spec, Isolation isolation) {
  constexpr const char* kDoing = "cannot list the offsets";
  std::map<TopicPartition, Result<std::int64_t>> answer;
#if RD_KAFKA_VERSION >= 0x020300ff
  const auto list = list_of(partitions);
  for (auto& entry : std::span(list->elems, static_cast<std::size_t>(list->cnt)))
    entry.offset = spec;
  auto event = ask(
      kDoing, RD_KAFKA_ADMIN_OP_LISTOFFSETS,
      [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_ListOffsets(client_.get(), list.get(), options, queue);
      },
      isolation);
  if (!event) return event.error();
  std::size_t count = 0;
  const auto** infos =
      rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event->get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto* entry = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
    const TopicPartition tp{entry->topic, entry->partition};
    if (entry->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      answer.emplace(tp, error_of(entry->err, kDoing, tp.text()));
    } else if (entry->offset < 0) {
      // Without a leader the library answers "no error" and an offset that is none.
      answer.emplace(tp, error_of(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, kDoing, tp.text()));
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
    const auto code = rd_kafka_query_watermark_offsets(client_.get(), tp.topic.c_str(),
                                                       tp.partition, &low, &high, timeout_ms_);
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
    auto start =
        list_offsets(partitions, RD_KAFKA_OFFSET_SPEC_EARLIEST, Isolation::read_uncommitted);
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

}  // namespace longspan::kafka
