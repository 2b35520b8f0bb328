// Log ends, and offsets by time.
#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <thread>

#include "mirror/kafka/admin_client.h"

namespace longspan::kafka {
namespace {

constexpr int kListOffsetsSince = 0x020300ff;
constexpr int kAskAnewMs = 3000;
constexpr std::chrono::milliseconds kBetween{100};

PartitionList list_of(const std::vector<TopicPartition>& partitions) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const auto& tp : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), tp.topic.c_str(), tp.partition);
  }
  return list;
}

bool is_late(const Error& error) { return error.kafka_code == RD_KAFKA_RESP_ERR__TIMED_OUT; }

// Who was asked leads no more, or knows of a newer leader than we do.
bool is_stale(const Error& error) {
  return error.kafka_code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
         error.kafka_code == RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH ||
         error.kafka_code == RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH;
}

// Of `asked` those whose time was over before somebody answered, or whom the wrong one did.
std::vector<TopicPartition> late_of(
    const std::vector<TopicPartition>& asked,
    const Result<std::map<TopicPartition, Result<PartitionEnds>>>& answer) {
  if (!answer) return is_late(answer.error()) ? asked : std::vector<TopicPartition>();
  std::vector<TopicPartition> out;
  for (const auto& [tp, ends] : *answer) {
    if (!ends && (is_late(ends.error()) || is_stale(ends.error()))) out.push_back(tp);
  }
  return out;
}

}  // namespace

#if RD_KAFKA_VERSION >= 0x020300ff

Queue KafkaAdmin::list_offsets(const std::vector<TopicPartition>& partitions, std::int64_t spec,
                               Isolation isolation, int timeout_ms) const {
  const auto list = list_of(partitions);
  for (auto& entry : std::span(list->elems, static_cast<std::size_t>(list->cnt)))
    entry.offset = spec;
  return begin(
      client_, RD_KAFKA_ADMIN_OP_LISTOFFSETS,
      [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_ListOffsets(client_.get(), list.get(), options, queue);
      },
      isolation, timeout_ms);
}

Result<std::map<TopicPartition, Result<std::int64_t>>> KafkaAdmin::listed(
    const std::vector<TopicPartition>& partitions, const Queue& asked) const {
  constexpr const char* kDoing = "cannot list the offsets";
  std::map<TopicPartition, Result<std::int64_t>> answer;
  auto event = answer_to(client_, kDoing, asked);
  if (!event && event.error().kafka_code != RD_KAFKA_RESP_ERR__NOENT) return event.error();
  if (!event) {  // "No leaders found": one word for all where none of them has one
    for (const auto& tp : partitions) {
      answer.emplace(tp, error_of(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, kDoing, tp.text()));
    }
    return answer;
  }
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
  return answer;
}

#endif

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

#if RD_KAFKA_VERSION >= 0x020300ff

Result<std::map<TopicPartition, Result<PartitionEnds>>> KafkaAdmin::ends_within(
    const std::vector<TopicPartition>& partitions, int timeout_ms) {
  std::map<TopicPartition, Result<PartitionEnds>> answer;
  // All at once: a link is long, and a broker that is down answers none of them.
  const auto first = list_offsets(partitions, RD_KAFKA_OFFSET_SPEC_EARLIEST,
                                  Isolation::read_uncommitted, timeout_ms);
  const auto committed =
      list_offsets(partitions, RD_KAFKA_OFFSET_SPEC_LATEST, Isolation::read_committed, timeout_ms);
  const auto last = list_offsets(partitions, RD_KAFKA_OFFSET_SPEC_LATEST,
                                 Isolation::read_uncommitted, timeout_ms);
  auto start = listed(partitions, first);
  if (!start) return start.error();
  auto stable = listed(partitions, committed);
  if (!stable) return stable.error();
  auto end = listed(partitions, last);
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
      ends.end = std::max(ends.end, ends.stable_end);  // which may have been read later
      answer.emplace(tp, ends);
    }
  }
  return answer;
}

#endif

// A leader that died is named until its session is over, and a question waits for it as long as it
// may: so it is put anew every few seconds, to whoever leads then; after a session's time with more
// and more patience, because an answer of many partitions takes its time on a slow link.
Result<std::map<TopicPartition, Result<PartitionEnds>>> KafkaAdmin::ends(
    const std::vector<TopicPartition>& partitions) {
  if (partitions.empty()) return std::map<TopicPartition, Result<PartitionEnds>>();
#if RD_KAFKA_VERSION >= 0x020300ff
  if (rd_kafka_version() >= kListOffsetsSince) {
    using std::chrono::steady_clock;
    const auto until = steady_clock::now() + std::chrono::milliseconds(timeout_ms_);
    auto answer = ends_within(partitions, std::min(timeout_ms_, kAskAnewMs));
    while (true) {
      const auto late = late_of(partitions, answer);
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_clock::now());
      if (late.empty() || left.count() <= 0) return answer;
      refresh_metadata(client_);
      std::this_thread::sleep_for(std::min<std::chrono::milliseconds>(left, kBetween));
      const auto patience = std::max<std::int64_t>(kAskAnewMs, (timeout_ms_ - left.count()) / 3);
      auto more = ends_within(late, static_cast<int>(std::min(left.count(), patience)));
      if (!answer) {
        answer = std::move(more);
      } else if (more) {
        for (auto& [tp, ends] : *more) answer->insert_or_assign(tp, std::move(ends));
      } else if (!is_late(more.error())) {
        return answer;
      }
    }
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
