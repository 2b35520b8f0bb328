// mirror/topic_class.h - what a shard keeps for the topics of one priority.
//
// Each priority has a source handle of its own, so that what is not to be read now just stays in
// the handle's queue, which fills to its bound and then fetches no more; a queue of what the sink
// would not take, so that none waits behind the other's; and a part of the sink. Where all topics
// have one priority there is one handle, one queue, and the whole sink.
//
// Errors:  none here; Shard decides, this is what it decides upon.
// Threads: a value of the shard's thread.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>

#include "mirror/latency_window.h"
#include "mirror/ledger.h"
#include "mirror/ports.h"
#include "mirror/priority.h"

namespace longspan {

// What a record costs the sink beside its bytes.
inline constexpr std::int64_t kRecordOverhead = 480;

[[nodiscard]] inline std::int64_t weight(const InFlight& in_flight) {
  return in_flight.bytes + in_flight.records * kRecordOverhead;
}
[[nodiscard]] inline std::int64_t weight(const Ledger& ledger) {
  return weight(InFlight{ledger.records(), ledger.bytes()});
}

struct TopicClass {
  using Steady = std::chrono::steady_clock::time_point;

  // Taken from the source while the sink was full; a record, or the end of the partition.
  struct Pending {
    PartitionIndex index = 0;
    std::optional<Record> record;
    Offset end;
    Steady fetched_at;
  };
  // One record on its way, whose time is taken.
  struct Probe {
    PartitionIndex index = 0;
    Offset offset;
    Steady offered_at;
    std::int64_t in_flight = 0;
  };

  TopicClass(Priority which, std::int64_t sink_bytes_max)
      : priority(which), window(sink_bytes_max) {}

  Priority priority;
  std::unique_ptr<Source> source;
  std::int32_t partitions_max = 4;  // what `source` was made for
  bool has_whole_window = true;     // it was made while there was no other priority

  std::deque<Pending> pending;
  bool is_only_waiting = true;  // nothing of `pending` but what waits for proof
  std::int64_t waiting_bytes = 0;

  InFlight in_flight;
  LatencyWindow window;
  std::optional<Probe> probe;

  // It is not read now, or it is.
  void hold_back(HeldBack now_why, Steady now) {
    if (is_held_back) {
      (why == HeldBack::throttled ? throttled_total : yielded_total) += now - held_back_at;
    }
    is_held_back = now_why != HeldBack::no;
    if (!is_held_back) return;
    why = now_why;
    held_back_at = now;
  }

  std::int64_t bytes_of_poll = 0;        // delivered by the poll that goes on
  std::int64_t bytes_per_record = 1024;  // about
  bool is_held_back = false;
  HeldBack why = HeldBack::no;  // when it last was
  Steady held_back_at{};
  Steady delivered_at{};  // when the source last had a record
  Steady acked_at{};      // when the target last acknowledged one
  Steady drained_at{};    // when the source last had nothing more that was fetched
  std::int64_t bytes_read_total = 0;
  std::chrono::steady_clock::duration throttled_total{};
  std::chrono::steady_clock::duration yielded_total{};
};

}  // namespace longspan
