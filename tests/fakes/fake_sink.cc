#include "tests/fakes/fake_sink.h"

#include <algorithm>

#include "lagcalc/assert.h"

namespace longspan {

Result<void> FakeSink::open(PartitionIndex partition, const TopicPartition& target) {
  LONGSPAN_ASSERT(!writers_.contains(partition) && !writer_of(target));
  // The library reports by target partition: late reports would go to the new writer.
  for (const auto& writer : closed_) LONGSPAN_ASSERT(writer.target != target);
  writers_[partition].target = target;
  return {};
}

void FakeSink::close(PartitionIndex partition) {
  auto writer = writers_.extract(partition);
  if (writer.empty()) return;
  if (!writer.mapped().queued.empty() || !writer.mapped().landed.empty()) {
    closed_.push_back(std::move(writer.mapped()));
  }
}

std::optional<PartitionIndex> FakeSink::writer_of(const TopicPartition& target) const {
  for (const auto& [partition, writer] : writers_) {
    if (writer.target == target) return partition;
  }
  return std::nullopt;
}

Accepted FakeSink::produce(PartitionIndex partition, Record& record) {
  LONGSPAN_ASSERT(!told_dead_);
  LONGSPAN_ASSERT(transactional_id.empty() || is_begun_);
  if (full || in_flight() >= records_max) return Accepted::full;
  auto& writer = writers_.at(partition);
  // Behind an unreported failure nothing may be written: the record joins the failed ones.
  const bool may_land = writer.failed.empty() && !dead_;
  (may_land ? writer.queued : writer.failed).push_back(std::move(record));
  return Accepted::yes;
}

std::optional<Offset> FakeSink::append(const TopicPartition& target, const Record& record) {
  if (transactional_id.empty()) return cluster_.append(target, owned(record));
  const auto offset = cluster_.append(transactional_id, epoch_, target, owned(record));
  is_fenced_ = is_fenced_ || !offset;
  return offset;
}

void FakeSink::start(TransactionCall call) {
  LONGSPAN_ASSERT(!call_);
  LONGSPAN_ASSERT(call == TransactionCall::initialise || (is_begun_ && in_flight() == 0));
  call_ = call;
}

std::optional<Transactions::Answer> FakeSink::poll() {
  if (!call_ || hold_answers || !cluster_.reachable() || some_of(2) == 0) return std::nullopt;
  const auto call = *std::exchange(call_, std::nullopt);
  const Answer failed{call, Error{Next::rebuild_client, 0, "the call failed", "fake"}};
  if (dead_) return failed;
  if (call == TransactionCall::initialise) {
    epoch_ = cluster_.initialise(transactional_id);
    return Answer{call, std::nullopt};
  }
  is_begun_ = false;
  const bool is_lost = std::exchange(lose_commit, false);
  if (is_lost && some_of(1) == 0) return failed;
  is_fenced_ = !cluster_.commit(transactional_id, epoch_);
  if (is_lost || is_fenced_) return failed;
  return Answer{call, std::nullopt};
}

Result<void> FakeSink::begin() {
  LONGSPAN_ASSERT(epoch_ > 0 && !is_begun_);
  is_begun_ = true;
  return {};
}

void FakeSink::poll(SinkEvents& events) {
  if (!transactional_id.empty() && epoch_ > 0 && some_of(2) == 0) {
    cluster_.settle(transactional_id, epoch_);
  }
  std::vector<PartitionIndex> order;
  for (const auto& [partition, writer] : writers_) order.push_back(partition);
  std::shuffle(order.begin(), order.end(), random_);
  for (auto& writer : closed_) {
    if (!dead_) land(writer);
  }
  if (!hold_acks) {
    std::erase_if(closed_, [](const Writer& writer) { return writer.queued.empty(); });
  }
  for (const auto partition : order) {
    // An event may close partitions.
    if (!dead_ && writers_.contains(partition)) land(writers_.at(partition));
    if (writers_.contains(partition)) acknowledge(events, partition);
    if (writers_.contains(partition)) report_failed(events, partition);
  }
  if (dead_ && !std::exchange(told_dead_, true)) {
    events.on_sink_trouble({Next::rebuild_client, 0, "the producer is gone", "fake"});
  }
}

void FakeSink::purge() {
  for (auto& writer : closed_) writer.queued.clear();
  for (auto& [partition, writer] : writers_) {
    if (!writer.queued.empty()) fail_queue(writer, {Next::rebuild_client, 0, "purged", "fake"});
  }
}

void FakeSink::fail_next(PartitionIndex partition, Error error) {
  writers_.at(partition).fail_next = std::move(error);
}

void FakeSink::fail_always(const TopicPartition& target, std::optional<Error> error) {
  fail_always_.erase(target);
  if (error) fail_always_.emplace(target, std::move(*error));
}

void FakeSink::lose_offsets(PartitionIndex partition, std::size_t acks) {
  writers_.at(partition).offsets_lost = acks;
}

void FakeSink::die() {
  dead_ = true;
  if (call_ == TransactionCall::commit && some_of(1) == 0) {
    std::ignore = cluster_.commit(transactional_id, epoch_);
  }
  for (auto& [partition, writer] : writers_) lose(writer);
  for (auto& writer : closed_) lose(writer);
  closed_.clear();
}

void FakeSink::lose(Writer& writer) {
  const bool writable = cluster_.reachable() && !obstacle(writer);
  const auto now = writable ? some_of(writer.queued.size()) : 0;
  auto later = writable ? now + some_of(writer.queued.size() - now) : 0;
  for (std::size_t i = 0; i < later; ++i) {
    if (refusal(writer.target, writer.queued[i])) later = i;
  }
  for (std::size_t i = 0; i < later; ++i) {
    if (i < now) {
      if (!append(writer.target, writer.queued[i])) break;
    } else {
      cluster_.keep_late({writer.target, owned(writer.queued[i]), transactional_id, epoch_});
    }
  }
  writer.why = Error{Next::rebuild_client, 0, "the producer is gone", "fake"};
  for (auto& landed : writer.landed) writer.failed.push_back(std::move(landed.record));
  for (auto& queued : writer.queued) writer.failed.push_back(std::move(queued));
  writer.queued.clear();
  writer.landed.clear();
}

std::size_t FakeSink::in_flight() const {
  std::size_t count = 0;
  for (const auto& [partition, writer] : writers_) {
    count += writer.queued.size() + writer.landed.size() + writer.failed.size();
  }
  return count;
}

std::size_t FakeSink::some_of(std::size_t count) {
  return std::uniform_int_distribution<std::size_t>(0, count)(random_);
}

std::optional<Error> FakeSink::obstacle(const Writer& writer) const {
  const auto always = fail_always_.find(writer.target);
  if (always != fail_always_.end()) return always->second;
  const auto* const log = cluster_.find(writer.target);
  if (log == nullptr) {
    return Error{Next::park_partition, kafka_code::kUnknownTopic, "unknown topic or partition",
                 "topic=" + writer.target.topic};
  }
  return log->broken;
}

void FakeSink::land(Writer& writer) {
  if (writer.queued.empty() || hold_landing || !cluster_.reachable()) return;
  if (hold_landing_of == writer.target) return;
  auto error = obstacle(writer);
  if (!error) error = std::exchange(writer.fail_next, std::nullopt);
  if (error) return fail_queue(writer, std::move(*error));
  for (auto left = some_of(writer.queued.size()); left > 0; --left) {
    auto& record = writer.queued.front();
    if (auto refused = refusal(writer.target, record)) return fail_queue(writer, *refused);
    const auto offset = append(writer.target, record);
    if (!offset) return fail_queue(writer, {Next::rebuild_client, 0, "fenced", "fake"});
    writer.landed.push_back({*offset, {}});
    writer.landed.back().record = std::move(record);
    writer.queued.pop_front();
  }
}

// What a broker says to the record, if it does not take it.
std::optional<Error> FakeSink::refusal(const TopicPartition& target, const Record& record) const {
  const auto& configs = cluster_.topic(target.topic).configs;
  const auto limit = configs.find("max.message.bytes");
  if (limit != configs.end() && record.payload_bytes() > std::stoull(limit->second)) {
    return Error{Next::refuse_record, kafka_code::kMessageTooLarge,
                 "the record is larger than the topic allows", "topic=" + target.topic};
  }
  const auto cleanup = configs.find("cleanup.policy");
  if (cleanup != configs.end() && cleanup->second == "compact" && !record.key) {
    return Error{Next::refuse_record, kafka_code::kInvalidRecord,
                 "a compacted topic takes no null key", "topic=" + target.topic};
  }
  return std::nullopt;
}

void FakeSink::fail_queue(Writer& writer, Error error) {
  for (auto& queued : writer.queued) writer.failed.push_back(std::move(queued));
  writer.queued.clear();
  writer.why = std::move(error);
}

void FakeSink::acknowledge(SinkEvents& events, PartitionIndex partition) {
  if (hold_acks || !cluster_.reachable()) return;
  auto left = some_of(writers_.at(partition).landed.size());
  while (left > 0 && writers_.contains(partition)) {  // an event may close it
    auto& writer = writers_.at(partition);
    auto& landed = writer.landed;
    const auto first = landed.front().offset;
    std::size_t count = 0;  // one answer names contiguous offsets only
    while (count < left &&
           landed[count].offset == first + Records{static_cast<std::int64_t>(count)}) {
      ++count;
    }
    landed.erase(landed.begin(), landed.begin() + static_cast<std::ptrdiff_t>(count));
    left -= count;
    if (writer.offsets_lost > 0) {
      --writer.offsets_lost;
      events.on_acked_somewhere(partition, count);
    } else {
      events.on_acked(partition, first, count);
    }
  }
}

void FakeSink::report_failed(SinkEvents& events, PartitionIndex partition) {
  auto& writer = writers_.at(partition);
  if (writer.failed.empty() || !writer.landed.empty()) return;  // older records answer first
  const auto count = std::exchange(writer.failed, {}).size();
  const auto why = std::exchange(writer.why, std::nullopt);
  LONGSPAN_ASSERT(why.has_value() || dead_);
  events.on_failed(partition, count,
                   why.value_or(Error{Next::rebuild_client, 0, "the producer is gone", "fake"}));
}

}  // namespace longspan
