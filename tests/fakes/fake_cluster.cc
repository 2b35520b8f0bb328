#include "tests/fakes/fake_cluster.h"

#include <algorithm>
#include <set>

#include "lagcalc/assert.h"

namespace longspan {

namespace {}  // namespace

const FakeBadBatch* FakePartition::bad_batch_at(Offset at) const {
  for (const FakeBadBatch& bad : bad_batches) {
    if (bad.to <= at) continue;
    const auto next = index_of(at);
    const bool is_behind = next < records.size() && records[next].offset < bad.from;
    return is_behind || bad.from >= stable_end() ? nullptr : &bad;
  }
  return nullptr;
}

std::size_t FakePartition::index_of(Offset at) const {
  const auto found = std::lower_bound(records.begin(), records.end(), at,
                                      [](const FakeRecord& r, Offset o) { return r.offset < o; });
  return static_cast<std::size_t>(found - records.begin());
}

void FakeCluster::create_topic(const std::string& topic, std::int32_t partitions,
                               std::map<std::string, std::string> configs) {
  LONGSPAN_ASSERT(!topics_.contains(topic));
  FakeTopic made;
  made.id[15] = ++last_topic_id_;
  made.partitions.resize(static_cast<std::size_t>(partitions));
  made.configs = std::move(configs);
  topics_.emplace(topic, std::move(made));
  ++writes_;
}

void FakeCluster::delete_topic(const std::string& topic) {
  LONGSPAN_ASSERT(topics_.erase(topic) == 1);
  ++writes_;
}

void FakeCluster::grow_topic(const std::string& topic, std::int32_t partitions) {
  auto& found = this->topic(topic);
  LONGSPAN_ASSERT(static_cast<std::size_t>(partitions) >= found.partitions.size());
  found.partitions.resize(static_cast<std::size_t>(partitions));
  ++writes_;
}

FakeTopic& FakeCluster::topic(const std::string& topic) {
  const auto found = topics_.find(topic);
  LONGSPAN_ASSERT(found != topics_.end());
  return found->second;
}

FakePartition* FakeCluster::find(const TopicPartition& partition) {
  const auto found = topics_.find(partition.topic);
  if (found == topics_.end() || partition.partition < 0) return nullptr;
  const auto index = static_cast<std::size_t>(partition.partition);
  if (index >= found->second.partitions.size()) return nullptr;
  return &found->second.partitions[index];
}

FakePartition& FakeCluster::at(const TopicPartition& partition) {
  auto* const found = find(partition);
  LONGSPAN_ASSERT(found != nullptr);
  return *found;
}

Offset FakeCluster::append(const TopicPartition& partition, FakeRecord record) {
  auto& log = at(partition);
  const auto& configs = topic(partition.topic).configs;
  const auto type = configs.find("message.timestamp.type");
  if (type != configs.end() && type->second == "LogAppendTime") {
    LONGSPAN_ASSERT(clock_ != nullptr);
    record.kind = TimestampKind::log_append_time;
    record.data.timestamp = clock_->now();
  }
  record.offset = log.end;
  log.end = log.end.next();
  log.records.push_back(std::move(record));
  ++writes_;
  return log.records.back().offset;
}

Offset FakeCluster::append(const TopicPartition& partition, OwnedRecord record) {
  return append(partition, FakeRecord{{}, std::move(record)});
}

Offset FakeCluster::append(const TopicPartition& partition, std::string key, std::string value) {
  const auto now = clock_ != nullptr ? clock_->now() : TimestampMs{1'700'000'000'000};
  return append(partition, OwnedRecord{std::move(key), std::move(value), now, {}});
}

Offset FakeCluster::append_aborted(const TopicPartition& partition, OwnedRecord record) {
  FakeRecord aborted{{}, std::move(record)};
  aborted.aborted = true;
  return append(partition, std::move(aborted));
}

void FakeCluster::append_gap(const TopicPartition& partition, std::int64_t offsets) {
  auto& log = at(partition);
  log.end = log.end + Records{offsets};
  ++writes_;
}

void FakeCluster::remove(const TopicPartition& partition, Offset offset) {
  auto& log = at(partition);
  const auto index = log.index_of(offset);
  LONGSPAN_ASSERT(index < log.records.size() && log.records[index].offset == offset);
  log.records.erase(log.records.begin() + static_cast<std::ptrdiff_t>(index));
}

void FakeCluster::compact(const TopicPartition& partition) {
  auto& log = at(partition);
  std::set<std::string> seen;
  std::deque<FakeRecord> kept;
  for (auto record = log.records.rbegin(); record != log.records.rend(); ++record) {
    const bool last = !record->data.key || seen.insert(*record->data.key).second;
    if (last) kept.push_front(std::move(*record));
  }
  log.records = std::move(kept);
}

void FakeCluster::set_log_start(const TopicPartition& partition, Offset start) {
  auto& log = at(partition);
  LONGSPAN_ASSERT(start >= log.start && start <= log.end);
  log.start = start;
  while (!log.records.empty() && log.records.front().offset < start) log.records.pop_front();
}

void FakeCluster::elect(const TopicPartition& partition) {
  auto& log = at(partition);
  const auto last = log.epochs.empty() ? 0 : log.epochs.rbegin()->first;
  log.epochs[last + 1] = log.end;
}

void FakeCluster::truncate(const TopicPartition& partition, Offset end) {
  auto& log = at(partition);
  LONGSPAN_ASSERT(end >= log.start && end <= log.end);
  const auto last = log.epochs.empty() ? 0 : log.epochs.rbegin()->first;
  std::erase_if(log.epochs, [end](const auto& epoch) { return epoch.second >= end; });
  log.epochs[last + 1] = end;
  log.end = end;
  while (!log.records.empty() && log.records.back().offset >= end) log.records.pop_back();
}

std::int32_t FakePartition::epoch_of(Offset offset) const {
  std::int32_t found = 0;
  for (const auto& [epoch, begins] : epochs) {
    if (begins <= offset) found = epoch;
  }
  return found;
}

Offset FakePartition::end_of_epoch(std::int32_t epoch) const {
  const auto next = epochs.upper_bound(epoch);
  return next == epochs.end() ? end : next->second;
}

void FakeCluster::open_transaction(const TopicPartition& partition) {
  auto& log = at(partition);
  if (!log.open_transaction) log.open_transaction = log.end;
}

void FakeCluster::close_transaction(const TopicPartition& partition) {
  at(partition).open_transaction.reset();
  append_gap(partition);
}

void FakeCluster::break_partition(const TopicPartition& partition, std::optional<Error> error) {
  at(partition).broken = std::move(error);
}

std::int64_t FakeCluster::initialise(const std::string& id) {
  land_markers(id);
  return ++coordinated_[id].epoch;
}

std::optional<Offset> FakeCluster::append(const std::string& id, std::int64_t epoch,
                                          const TopicPartition& partition, OwnedRecord record) {
  auto& transaction = coordinated_[id];
  if (transaction.epoch != epoch) return std::nullopt;
  if (transaction.is_committed) land_markers(id);
  const auto offset = append(partition, std::move(record));
  transaction.written[partition].push_back(offset);
  at(partition).open_of.try_emplace(id, offset);
  return offset;
}

bool FakeCluster::commit(const std::string& id, std::int64_t epoch) {
  auto& transaction = coordinated_[id];
  if (transaction.epoch != epoch) return false;
  transaction.is_committed = !transaction.written.empty();
  return true;
}

// What is not to be committed is aborted.
void FakeCluster::land_markers(const std::string& id) {
  auto& transaction = coordinated_[id];
  for (const auto& [partition, offsets] : std::exchange(transaction.written, {})) {
    auto* const log = find(partition);
    if (log == nullptr) continue;
    for (const auto offset : offsets) {
      const auto index = log->index_of(offset);
      if (index == log->records.size() || log->records[index].offset != offset) continue;
      log->records[index].aborted = !transaction.is_committed;
    }
    log->open_of.erase(id);
    append_gap(partition);
  }
  transaction.is_committed = false;
}

void FakeCluster::settle(const std::string& id, std::int64_t epoch) {
  const auto& transaction = coordinated_[id];
  if (transaction.epoch == epoch && transaction.is_committed) land_markers(id);
}

std::size_t FakeCluster::land_late() {
  std::size_t landed = 0;
  for (; !late_.empty(); late_.pop_front()) {
    auto& late = late_.front();
    if (find(late.partition) == nullptr) continue;  // the topic went meanwhile
    if (late.id.empty()) {
      append(late.partition, std::move(late.record));
    } else if (!append(late.id, late.epoch, late.partition, std::move(late.record))) {
      continue;
    }
    ++landed;
  }
  return landed;
}

std::size_t FakeCluster::land_late(const std::string& topic) {
  auto all = std::exchange(late_, {});
  std::deque<Late> others;
  for (auto& late : all)
    (late.partition.topic == topic ? late_ : others).push_back(std::move(late));
  const auto landed = land_late();
  late_ = std::move(others);
  return landed;
}

void FakeCluster::commit(const std::string& group, const TopicPartition& partition, Offset next) {
  groups_[group][partition] = next;
}

Record delivered(const FakeRecord& record) {
  Record out = make_record(record.data);
  out.offset = record.offset;
  out.timestamp_kind = record.kind;
  return out;
}

}  // namespace longspan
