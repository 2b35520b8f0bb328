// mirror/ledger.h - the records of one partition that are on their way to the target.
//
// Acknowledgements come in order per partition, so the ledger is a queue of runs: contiguous source
// offsets that were fetched together and carry the same timestamp. Its front is the first record
// that is not on the target; when it is empty, everything that was delivered is.
//
// Units:   source offsets; bytes of payload.
// Errors:  settling more than is outstanding is a programmer's error.
// Threads: a value of the shard's thread.
// Limits:  none of its own; the sink's memory bound limits what can be outstanding.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

#include "lagcalc/assert.h"
#include "lagcalc/units.h"

namespace longspan {

// What several ledgers hold together.
struct InFlight {
  std::int64_t records = 0;
  std::int64_t bytes = 0;
};

class Ledger {
 public:
  struct Run {
    Offset source_start;
    std::int64_t length = 0;
    TimestampMs timestamp;
    std::int64_t bytes = 0;
    std::chrono::steady_clock::time_point fetched_at;
  };

  // From now on what it holds is part of `total`, which outlives it or what it holds.
  void count_in(InFlight& total) {
    const auto change = [this](std::int64_t sign) {
      if (total_ == nullptr) return;
      total_->records += sign * records_;
      total_->bytes += sign * bytes_;
    };
    change(-1);
    total_ = &total;
    change(1);
  }

  void add(Offset source, TimestampMs timestamp, std::int64_t bytes,
           std::chrono::steady_clock::time_point fetched_at) {
    note(1, bytes);
    if (!runs_.empty()) {
      Run& last = runs_.back();
      if (last.source_start + Records{last.length} == source && last.timestamp == timestamp &&
          last.fetched_at == fetched_at) {
        ++last.length;
        last.bytes += bytes;
        return;
      }
    }
    runs_.push_back({source, 1, timestamp, bytes, fetched_at});
  }

  // Takes the oldest records, at most `count` and at most one run's. The bytes of a run that is cut
  // are shared out evenly.
  [[nodiscard]] Run take(std::int64_t count) {
    LONGSPAN_ASSERT(!runs_.empty() && count > 0);
    Run& front = runs_.front();
    Run taken = front;
    if (count >= front.length) {
      runs_.pop_front();
    } else {
      taken.length = count;
      taken.bytes = front.bytes * count / front.length;
      front.source_start = front.source_start + Records{count};
      front.length -= count;
      front.bytes -= taken.bytes;
    }
    note(-taken.length, -taken.bytes);
    return taken;
  }

  // The first record that is not on the target yet.
  [[nodiscard]] std::optional<Run> oldest() const {
    if (runs_.empty()) return std::nullopt;
    return runs_.front();
  }
  [[nodiscard]] bool empty() const { return runs_.empty(); }
  [[nodiscard]] std::int64_t records() const { return records_; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }
  void clear() {
    runs_.clear();
    note(-records_, -bytes_);
  }

 private:
  void note(std::int64_t records, std::int64_t bytes) {
    records_ += records;
    bytes_ += bytes;
    if (total_ == nullptr) return;
    total_->records += records;
    total_->bytes += bytes;
  }

  std::deque<Run> runs_;
  std::int64_t records_ = 0;
  std::int64_t bytes_ = 0;
  InFlight* total_ = nullptr;
};

}  // namespace longspan
