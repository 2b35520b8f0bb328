#include "tests/fakes/fake_source.h"

#include <algorithm>

#include "lagcalc/assert.h"
#include "mirror/why/waits.h"

namespace longspan {
namespace {

// A record that is out: it counts until it is released.
struct Lent {
  Record record;
  std::shared_ptr<std::int64_t> count;
};

constexpr NativeOps kLentOps = {[](void* native) noexcept {
                                  auto* lent = static_cast<Lent*>(native);
                                  --*lent->count;
                                  delete lent;
                                },
                                [](const void* native, Headers& headers) {
                                  headers = static_cast<const Lent*>(native)->record.headers();
                                },
                                [](const void* native) noexcept {
                                  return static_cast<const Lent*>(native)->record.has_headers();
                                },
                                [](const void* native, std::vector<HeaderView>& headers) {
                                  static_cast<const Lent*>(native)->record.view_headers(headers);
                                },
                                [](void* native, std::span<const HeaderEdit> edits) {
                                  const auto& record = static_cast<Lent*>(native)->record.native;
                                  record.ops()->edit_headers(record.get(), edits);
                                }};

Record lend(Record record, const std::shared_ptr<std::int64_t>& count) {
  Record out;
  out.offset = record.offset;
  out.timestamp = record.timestamp;
  out.timestamp_kind = record.timestamp_kind;
  out.key = record.key;
  out.value = record.value;
  out.native = NativeRecord(new Lent{std::move(record), count}, &kLentOps);
  ++*count;
  return out;
}

}  // namespace

FakeSource::~FakeSource() { LONGSPAN_ASSERT(*lent_ == 0); }

Result<void> FakeSource::start(PartitionIndex partition, const TopicPartition& source, Offset from,
                               std::optional<std::int32_t> leader_epoch) {
  LONGSPAN_ASSERT(!readers_.contains(partition));
  const auto* const log = cluster_.find(source);
  readers_[partition] = {source, from == kLogStart && log != nullptr ? log->start : from,
                         std::nullopt, leader_epoch};
  return {};
}

void FakeSource::stop(PartitionIndex partition) {
  readers_.erase(partition);
  if (const auto silent = silent_.find(partition); silent != silent_.end() && !silent->second) {
    silent_.erase(silent);
  }
}

void FakeSource::fall_silent(PartitionIndex partition, bool for_good) {
  silent_[partition] = for_good;
}

std::size_t FakeSource::poll(SourceEvents& events, std::size_t records_max) {
  if (!cluster_.reachable()) {
    if (!std::exchange(told_unreachable_, true)) {
      events.on_source_trouble({Next::retry, kAllBrokersDown, "no broker is reachable", "fake"});
    }
    return 0;
  }
  told_unreachable_ = false;
  std::vector<PartitionIndex> order;
  for (const auto& [partition, reader] : readers_) order.push_back(partition);
  std::shuffle(order.begin(), order.end(), random_);
  std::size_t delivered_count = 0;
  for (const auto partition : order) {
    if (delivered_count == records_max) break;
    if (!readers_.contains(partition)) continue;  // stopped by an event of this poll
    if (silent_.contains(partition)) continue;
    delivered_count += visit(events, partition, records_max - delivered_count);
  }
  return delivered_count;
}

std::optional<Error> FakeSource::failure(const Reader& reader) const {
  const auto* const log = cluster_.find(reader.source);
  const auto where =
      "topic=" + reader.source.topic + " partition=" + std::to_string(reader.source.partition);
  if (log == nullptr) {
    return Error{Next::park_partition, kafka_code::kUnknownTopic, "the partition is gone", where};
  }
  if (log->broken) return log->broken;
  if (reader.next < log->start || reader.next > log->end) {
    return Error{Next::park_partition, kafka_code::kOffsetOutOfRange,
                 "the position " + std::to_string(reader.next.value) + " is outside the log",
                 where};
  }
  return std::nullopt;
}

std::size_t FakeSource::visit(SourceEvents& events, PartitionIndex partition,
                              std::size_t records_max) {
  auto& reader = readers_.at(partition);
  const bool is_there = cluster_.find(reader.source) != nullptr;
  if (const auto epoch = std::exchange(reader.leader_epoch, std::nullopt); epoch && is_there) {
    const Offset end = cluster_.at(reader.source).end_of_epoch(*epoch);
    if (end < reader.next) {
      readers_.erase(partition);
      events.on_partition_truncated(
          partition, end,
          {Next::park_partition, kafka_code::kOffsetOutOfRange, "log truncation detected", "fake"});
      return 0;
    }
  }
  if (const auto error = failure(reader)) {
    readers_.erase(partition);
    events.on_partition_failed(partition, *error);
    return 0;
  }
  if (const auto* bad = cluster_.at(reader.source).bad_batch_at(reader.next)) {
    if (bad->is_deadly) ++cluster_.deaths;
    if (bad->is_silent || bad->is_deadly) return 0;
    const Offset batch = bad->from;
    readers_.erase(partition);
    events.on_batch_unreadable(partition, batch,
                               {Next::park_partition, kafka_code::kBadMessage, "bad checksum",
                                "offset=" + std::to_string(batch.value)});
    return 0;
  }
  const auto count = deliver(events, partition, records_max);
  if (readers_.contains(partition)) report_end(events, partition);
  return count;
}

std::size_t FakeSource::deliver(SourceEvents& events, PartitionIndex partition,
                                std::size_t records_max) {
  auto& reader = readers_.at(partition);
  const auto& log = cluster_.at(reader.source);
  const auto end = read_uncommitted ? log.end : log.stable_end();
  const auto room = std::min(batch_max, records_max);
  const auto wanted = std::uniform_int_distribution<std::size_t>(1, room)(random_);
  std::vector<Record> batch;
  for (auto i = log.index_of(reader.next);
       i < log.records.size() && log.records[i].offset < end && batch.size() < wanted; ++i) {
    if (log.bad_batch_at(log.records[i].offset) != nullptr) break;
    reader.next = log.records[i].offset.next();
    if (log.records[i].aborted && !read_uncommitted) continue;
    batch.push_back(lend(delivered(log.records[i]), lent_));
  }
  if (!batch.empty()) {
    batch.back().leader_epoch = log.epoch_of(batch.back().offset);
    events.on_records(partition, batch);
  }
  return batch.size();
}

void FakeSource::report_end(SourceEvents& events, PartitionIndex partition) {
  auto& reader = readers_.at(partition);
  const auto& log = cluster_.at(reader.source);
  const auto end = read_uncommitted ? log.end : log.stable_end();
  const auto next = log.index_of(reader.next);
  const bool more = (next < log.records.size() && log.records[next].offset < end) ||
                    log.bad_batch_at(reader.next) != nullptr;
  if (more || reader.reported_end == end || silent_when_caught_up) return;
  reader.next = std::max(reader.next, end);
  reader.reported_end = end;
  events.on_end_of_partition(partition, reader.next);
}

}  // namespace longspan
