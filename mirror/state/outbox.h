// mirror/state/outbox.h - our own records on their way into one partition of the target: state,
// offset syncs.
//
// They travel through the shard's sink like data, in order, but are kept here until they are
// acknowledged, so that a new sink can be given them again. Writing one twice is harmless: they
// are keyed and the last one counts.
//
// Errors:  none; what fails is written again.
// Threads: a value of the shard's thread.
// Limits:  is_full() above kRecordsMax: the caller waits before it puts more, except for the last
//          words of a slot.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "mirror/ports.h"
#include "mirror/record.h"

namespace longspan {

class Outbox {
 public:
  static constexpr std::size_t kRecordsMax = 20'000;

  Outbox(PartitionIndex index, TopicPartition target) : index_(index), target_(std::move(target)) {}

  void put(OwnedRecord record) { records_.push_back(std::move(record)); }
  // Offers what was not offered yet, as far as the sink takes it.
  void flush(Sink& sink) {
    while (offered_ < records_.size()) {
      Record record = make_record(records_[offered_]);
      if (sink.produce(index_, record) == Accepted::full) return;
      ++offered_;
    }
  }
  // Acknowledgements of a sink that was replaced, or of a slot's former outbox, are none of ours.
  void on_acked(std::size_t count) {
    if (has_failed_) return;
    count = std::min(count, offered_);
    acked_total_ += static_cast<std::int64_t>(count);
    records_.erase(records_.begin(), records_.begin() + static_cast<std::ptrdiff_t>(count));
    offered_ -= count;
  }
  // One was refused: which ones the acknowledgements behind it mean is not certain.
  void on_failed() { has_failed_ = true; }
  // The sink is new: everything unacknowledged is offered again, in order.
  void restart() {
    offered_ = 0;
    has_failed_ = false;
  }

  [[nodiscard]] bool is_empty() const { return records_.empty(); }
  [[nodiscard]] bool is_full() const { return records_.size() >= kRecordsMax; }
  [[nodiscard]] std::size_t size() const { return records_.size(); }
  [[nodiscard]] std::size_t in_flight() const { return offered_; }
  // What was put so far is on the target once acked_total() has reached the put_total() of then.
  [[nodiscard]] std::int64_t acked_total() const { return acked_total_; }
  [[nodiscard]] std::int64_t put_total() const {
    return acked_total_ + static_cast<std::int64_t>(records_.size());
  }
  [[nodiscard]] PartitionIndex index() const { return index_; }
  [[nodiscard]] const TopicPartition& target() const { return target_; }

 private:
  PartitionIndex index_;
  TopicPartition target_;
  std::deque<OwnedRecord> records_;
  std::int64_t acked_total_ = 0;
  std::size_t offered_ = 0;  // how many of the front are with the sink
  bool has_failed_ = false;
};

}  // namespace longspan
