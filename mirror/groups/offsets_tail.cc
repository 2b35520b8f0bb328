#include "mirror/groups/offsets_tail.h"

#include <algorithm>
#include <string>
#include <utility>

namespace longspan {
namespace {

const std::string kTopic = "__consumer_offsets";

Result<std::size_t> count_partitions(Admin& admin) {
  const auto topics = admin.topics();
  if (!topics) return topics.error();
  for (const auto& topic : *topics) {
    if (topic.name != kTopic) continue;
    if (topic.error) return *topic.error;
    if (topic.partitions > 0) return static_cast<std::size_t>(topic.partitions);
  }
  return fail(Next::park_partition, "the cluster does not show it", "topic=" + kTopic);
}

Result<std::vector<PartitionEnds>> ends_of(Admin& admin, std::size_t partitions) {
  std::vector<TopicPartition> wanted;
  for (std::size_t i = 0; i < partitions; ++i) {
    wanted.push_back({kTopic, static_cast<std::int32_t>(i)});
  }
  const auto answer = admin.ends(wanted);
  if (!answer) return answer.error();
  std::vector<PartitionEnds> out;
  for (const auto& partition : wanted) {
    const auto found = answer->find(partition);
    if (found == answer->end()) {
      return fail(Next::retry, "its end was not told", "partition=" + partition.text());
    }
    if (!found->second) return found->second.error();
    out.push_back(*found->second);
  }
  return out;
}

}  // namespace

Result<std::vector<Offset>> OffsetsTail::ends(Admin& admin) const {
  const auto ends = ends_of(admin, next_.size());
  if (!ends) return ends.error();
  std::vector<Offset> out;
  for (const auto& of : *ends) out.push_back(of.end);
  return out;
}

Result<std::unique_ptr<OffsetsTail>> OffsetsTail::open(Admin& admin, const MakeSource& make_source,
                                                       OffsetsTailEvents& events) {
  const auto count = count_partitions(admin);
  if (!count) return count.error();
  const auto from = ends_of(admin, *count);
  if (!from) return from.error();
  auto source = make_source();
  if (!source) return source.error();
  auto tail = std::make_unique<OffsetsTail>(std::move(*source), events, *count);
  tail->ask_leaders(admin);
  for (std::size_t i = 0; i < *count; ++i) {
    auto started =
        tail->source_->start(static_cast<PartitionIndex>(i), {kTopic, static_cast<std::int32_t>(i)},
                             (*from)[i].stable_end, {});
    if (!started) return started.error();
  }
  return tail;
}

std::size_t OffsetsTail::poll() { return source_->poll(*this, kRecordsATurn); }

bool OffsetsTail::has_reached(const std::vector<Offset>& ends) const {
  for (std::size_t i = 0; i < next_.size() && i < ends.size(); ++i) {
    if (next_[i] < ends[i]) return false;
  }
  return true;
}

void OffsetsTail::ask_leaders(Admin& admin) {
  if (const auto leaders = admin.leaders(kTopic)) writers_.asked(*leaders);
}

// The epoch is told for the last record, and older ones cannot have newer epochs: where it is that
// of the last delivery, it is that of all between.
void OffsetsTail::on_records(PartitionIndex partition, std::span<Record> records) {
  if (records.empty()) return;
  epochs_.resize(next_.size());
  const auto epoch = records.back().leader_epoch;
  const auto before = std::exchange(epochs_[partition], epoch);
  const auto writer = writers_.writer(partition, epoch);
  const bool is_of_all = !before || before == epoch;
  for (const Record& record : records) {
    if (!record.key) continue;
    auto decoded = decode_offsets_record(*record.key, record.value);
    if (!decoded) continue;
    if (auto* commit = std::get_if<CommitRecord>(&*decoded)) {
      const bool is_known = is_of_all || &record == &records.back();
      events_.on_commit(*commit, is_known ? writer : std::nullopt);
    } else if (auto* group = std::get_if<GroupRecord>(&*decoded)) {
      events_.on_group(*group);
    }
  }
  next_[partition] = std::max(next_[partition], records.back().offset.next());
}

void OffsetsTail::on_end_of_partition(PartitionIndex partition, Offset next) {
  next_[partition] = std::max(next_[partition], next);
}

void OffsetsTail::on_partition_failed(PartitionIndex partition, const Error& error) {
  failure_ = error;
  failure_->where =
      "partition=" + TopicPartition{kTopic, static_cast<std::int32_t>(partition)}.text() +
      (error.where.empty() ? "" : " " + error.where);
}

// The others go over by themselves.
void OffsetsTail::on_source_trouble(const Error& error) {
  if (error.next == Next::rebuild_client) failure_ = error;
}

}  // namespace longspan
