// How a Shard makes its client handles, and makes them anew.
#include <algorithm>

#include "mirror/shard.h"

namespace longspan {
namespace {

constexpr std::chrono::seconds kRetryClient{1};
// Requests in flight keep their outcome; a broker that does not answer gets this long.
constexpr std::chrono::seconds kSettlePatience{10};

}  // namespace

bool Shard::open_sink() {
  if (sink_) return true;
  const auto now = ports_.clock.steady();
  if (now < sink_retry_at_) return false;
  SinkLimits limits;
  limits.bytes_max = config_.limits.sink_bytes_max;
  limits.compression = flow_.compression;
  limits.round_trip = config_.limits.target_round_trip;
  if (is_exactly_once()) limits.transactional_id = flow_.transactional_id(*transaction_->slot);
  limits.transaction_timeout = flow_.transaction_timeout;
  limits.batch_bytes_max = sink_batch_bytes_ = batch_bytes_max();
  auto made = ports_.make_sink(limits);
  if (!made) {
    sink_retry_at_ = now + kRetryClient;
    on_sink_trouble(made.error());
    return false;
  }
  sink_ = std::move(*made);
  sink_made_at_ = now;
  ++sink_number_;
  sink_is_dying_ = false;
  sink_deadline_ = {};
  reopen_on_new_sink();
  return true;
}

std::int64_t Shard::record_bytes_max(const std::string& target_topic) const {
  const auto found = topic_settings_.record_bytes_max.find(target_topic);
  return found == topic_settings_.record_bytes_max.end() ? SinkLimits::kBatchBytesMax
                                                         : found->second;
}

// The smallest max.message.bytes of the topics written here.
std::int64_t Shard::batch_bytes_max() const {
  std::int64_t bytes = SinkLimits::kBatchBytesMax;
  for (const auto& [name, topic] : topics_) {
    bytes = std::min(bytes, record_bytes_max(topic.target));
  }
  return bytes;
}

// Batches larger than a topic takes are refused whole, and the library does not split them.
void Shard::fit_batches(std::int64_t bytes_max) {
  if (sink_ && bytes_max < sink_batch_bytes_) sink_is_dying_ = true;
}

void Shard::reopen_on_new_sink() {
  const auto reopen = [this](Outbox& outbox) {
    outbox.restart();
    if (auto opened = sink_->open(outbox.index(), outbox.target()); !opened) {
      on_sink_trouble(opened.error());
    }
  };
  for (const auto& [topic, codec] : topic_settings_.compression)
    sink_->set_compression(topic, codec);
  if (syncs_) reopen(*syncs_);
  if (heartbeats_) reopen(*heartbeats_);
  for (auto& [number, slot] : slots_) {
    reopen(*slot.outbox);
    for (auto& [source, p] : slot.partitions) {
      if (p->is_open) {
        if (auto opened = sink_->open(p->index, p->target); !opened) park(*p, opened.error());
      }
      if (p->phase == Phase::measuring) measure(*p);
    }
  }
}

// The sink takes no more; once every record in flight has its outcome it is replaced, and what was
// in doubt is measured.
void Shard::mend_sink() {
  const auto now = ports_.clock.steady();
  if (sink_deadline_ == Clock::Steady{}) {
    sink_deadline_ = now + kSettlePatience;
    for (auto& [number, slot] : slots_) {
      for (auto& [source, p] : slot.partitions) {
        if (!p->ledger.empty()) settle(*p, Phase::measuring);
      }
    }
    sink_->purge();
    sink_->poll(*this);
    if (single_sink_) single_sink_->purge();
  }
  bool is_settled = true;
  for (auto& [number, slot] : slots_) {
    for (auto& [source, p] : slot.partitions) is_settled = is_settled && p->is_settled();
  }
  if (!is_settled && now < sink_deadline_) {
    ports_.wakeup.wait(std::chrono::milliseconds(10));
    return;
  }
  sink_.reset();
  drop_single_sink();
  // Where every sink dies at once they are made at a pace.
  sink_retry_at_ = std::max(sink_retry_at_, sink_made_at_ + kRetryClient);
  free_indices_.insert(free_indices_.end(), retired_indices_.begin(), retired_indices_.end());
  retired_indices_.clear();
  for (auto& [number, slot] : slots_) {
    for (auto& [source, p] : slot.partitions) {
      if (p->is_settled()) continue;
      p->failed = p->ledger.records();
      p->acked_somewhere = 0;
      finish_settling(*p);
    }
  }
  log_info(log_, "sink_rebuilt", {});
  std::ignore = open_sink();
}

std::int32_t Shard::partitions_of(Priority priority) const {
  std::int32_t partitions = 0;
  for (const auto& [number, slot] : slots_) {
    partitions += static_cast<std::int32_t>(
        std::count_if(slot.partitions.begin(), slot.partitions.end(),
                      [priority](const auto& at) { return at.second->priority == priority; }));
  }
  return partitions;
}

bool Shard::open_source(Priority priority) {
  TopicClass& topics = classes_[index_of(priority)];
  const TopicClass& others = classes_[1 - index_of(priority)];
  const auto partitions = partitions_of(priority);
  const bool has_others = partitions_of(others.priority) > 0;
  if (topics.source) {
    source_must_grow_ = source_must_grow_ || partitions > topics.partitions_max;
    return true;
  }
  // The other priority's handle has all the memory yet: both are made anew with their part of it.
  if (others.source && others.has_whole_window) source_must_grow_ = true;
  while (topics.partitions_max < partitions) topics.partitions_max *= 4;
  topics.has_whole_window = !has_others;
  SourceLimits limits;
  limits.bytes_max = config_.limits.source_bytes_max / (has_others ? 2 : 1);
  limits.partitions_max = topics.partitions_max;
  limits.round_trip = config_.limits.source_round_trip;
  auto made = ports_.make_source(limits);
  if (!made) {
    on_source_trouble(made.error());
    return false;
  }
  topics.source = std::move(*made);
  return true;
}

// What was aborted is no copy, in the other mode either: exactly once may have been switched off.
Result<std::unique_ptr<Source>> Shard::read_target(std::int64_t bytes_max) {
  SourceLimits limits;
  limits.bytes_max = bytes_max;
  limits.isolation = Isolation::read_committed;
  limits.round_trip = config_.limits.target_round_trip;
  return ports_.make_target_reader(limits);
}

// More partitions need smaller windows, so a new handle. The old one lent its messages to the sink:
// it is kept until they have come back.
void Shard::grow_source() {
  for (auto& [number, slot] : slots_) {
    for (auto& [source, p] : slot.partitions) {
      if (!p->is_reading && p->queued == 0) continue;
      drop_pending_of(p->index);  // lent, too; they are read again
      stop_reading(*p);
    }
  }
  for (auto& topics : classes_) {
    if (topics.source) {
      retired_sources_.push_back({std::move(topics.source), ports_.clock.steady()});
    }
  }
  source_must_grow_ = false;
  for (auto& [number, slot] : slots_) {
    for (auto& [source, p] : slot.partitions) {
      if (p->phase == Phase::running) start_reading(*p);
    }
  }
}

void Shard::free_retired_sources() {
  if (retired_sources_.empty()) return;
  Clock::Steady oldest_lent = Clock::Steady::max();
  for (const auto& [number, slot] : slots_) {
    for (const auto& [source, p] : slot.partitions) {
      if (const auto run = p->ledger.oldest()) oldest_lent = std::min(oldest_lent, run->fetched_at);
    }
  }
  std::erase_if(retired_sources_,
                [oldest_lent](const RetiredSource& retired) { return oldest_lent > retired.at; });
}

}  // namespace longspan
