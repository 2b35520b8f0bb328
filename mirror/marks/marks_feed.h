// mirror/marks/marks_feed.h - gives a HistoryFold the records of both partitions of the marks
// topic, each process's in the order in which it wrote them.
//
// A full set is kept until a set that is relative to it comes, or to a later one.
//
// Errors:  none; a record that is damaged is counted.
// Threads: a value; the fold outlives it.
// Limits:  full sets that were kept and not yet asked for, as they were written; nothing of what
//          was written at `until` or later is kept.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "mirror/marks/history.h"

namespace longspan {

class MarksFeed {
 public:
  MarksFeed(HistoryFold& fold, TimestampMs until) : fold_(fold), until_(until) {}

  // A record of kMinutesPartition, for its positions.
  void keep(std::string_view bytes);
  // Of kMarksPartition, or of kMinutesPartition where nothing else is read.
  void add(std::string_view bytes);
  // What is still kept.
  void add_rest();

  [[nodiscard]] std::int64_t held_bytes() const { return held_bytes_; }
  [[nodiscard]] std::int64_t held_bytes_max() const { return held_bytes_max_; }
  // The earliest time of a record; absent: there was none.
  [[nodiscard]] const std::optional<TimestampMs>& first_at() const { return first_at_; }

 private:
  using ProcessKey = std::pair<std::string, TimestampMs>;
  struct Kept {
    TimestampMs at;
    std::string bytes;
  };
  using Queue = std::deque<Kept>;

  [[nodiscard]] bool is_wanted(std::string_view bytes, OtherMark& head);
  void take(const ProcessKey& process, TimestampMs base);
  void take_first(Queue& queue);
  void fold(std::string_view bytes);

  HistoryFold& fold_;
  const TimestampMs until_;
  std::map<ProcessKey, Queue> kept_;
  std::int64_t held_bytes_ = 0;
  std::int64_t held_bytes_max_ = 0;
  std::optional<TimestampMs> first_at_;
};

}  // namespace longspan
