// mirror/marks/history.h - what the marks of a flow tell of a span of time, in steps.
//
// What a process wrote at two times tells of the time between them; it counts for the step in which
// the middle between the two lies. Histograms of several topics and processes are merged, exactly.
//
// Units:   milliseconds; spans are half-open, [from, to).
// Errors:  none. A step that no mark covers says so by covered_ms, and its zeros mean nothing.
// Threads: values.
// Limits:  a step keeps the histograms of all topics as one, save with `per_topic`.
// Source:  ARCHITECTURE.md, "Marks".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "mirror/marks/marks_records.h"

namespace longspan {

struct HistorySpan {
  TimestampMs from;
  TimestampMs to;
  std::int64_t step_ms = 60'000;
  std::string topic{};  // source topic; empty: all
  bool per_topic = false;
};

// The newest followed record that took longest from its commit to its acknowledgement; where none
// tells its commit, the largest lag.
struct WorstPartition {
  TopicPartition source;
  std::optional<std::int64_t> latency_ms;
  std::optional<Records> offset_lag;
};

struct StepLatencies {
  Histogram mirror_latency;
  Histogram residence;
  TopicHops hops;
  void merge(const TopicLatencies& added);
  friend bool operator==(const StepLatencies&, const StepLatencies&) = default;
};

struct HistoryStep {
  TimestampMs from;
  TimestampMs to;
  std::int64_t covered_ms = 0;  // of it; of the process that covers most of it
  std::int64_t records = 0;     // acknowledged
  StepLatencies latencies;
  std::optional<TimestampMs> latencies_since;     // where earlier than the step
  std::map<std::string, StepLatencies> by_topic;  // with per_topic
  std::optional<WorstPartition> worst;
};

struct PartitionPoint {
  TimestampMs at;  // of its mark
  PartitionMark mark;
};

struct History {
  std::vector<HistoryStep> steps;
  std::map<TopicPartition, PartitionPoint> points;  // the last below `to`, of each
  std::map<TopicPartition, std::int64_t> records;   // of the whole span
  std::set<std::string> topics;                     // all that any mark names
  std::optional<TimestampMs> last_at;               // of the last set below `to`
  bool is_running = false;                          // at `to`, so that the next one was due later
  bool is_from_first = false;                       // the topic has nothing older than the span ...
  bool is_cut = false;                              // ... any more
  std::optional<TimestampMs> begins_at;             // its first mark, if that is within the span
  std::int64_t unreadable = 0;  // records of the topic, or partitions without their base
};

// Folds marks into a History. Those of one process come in the order in which they were written.
class HistoryFold {
 public:
  // `begin`: marks from then on are given. `of_minutes`: latencies are the roll-ups'.
  HistoryFold(HistorySpan span, TimestampMs begin, bool of_minutes);

  void add(const Mark& mark);
  void add_unreadable() { ++history_.unreadable; }
  [[nodiscard]] History finish();

 private:
  using ProcessKey = std::pair<std::string, TimestampMs>;  // with when it started
  struct Open {
    TimestampMs at;
    TopicLatencies latencies;
  };
  struct Process {
    std::optional<TimestampMs> at;  // of its last set, and of the one before
    TimestampMs before;
    std::int64_t interval_ms = 0;
    bool is_over = false;
    std::optional<TimestampMs> base_at;
    bool has_earlier_base = false;
    std::vector<std::string> base_topics;  // by number
    std::map<TopicPartition, PartitionMark> base;
    std::map<TopicPartition, PartitionMark> last;
    std::map<std::string, Open> open;  // by topic: the next may replace it
    std::map<std::size_t, std::int64_t> covered_ms;
  };

  Process& process_of(const MarkHead& head);
  void add(const PositionsMark& mark);
  void add(const LatenciesMark& mark);
  void add(Process& process, const PositionsMark& mark, const std::string& topic,
           const std::vector<PartitionMark>& partitions);
  void add(Process& process, const TopicPartition& source, const PartitionMark& mark);
  void count_records(Process& process, const TopicPartition& source, const PartitionMark& mark);
  void judge(const TopicPartition& source, const PartitionMark& mark, TimestampMs since,
             HistoryStep& step);
  void settle(const Open& open);
  void cover(Process& process, TimestampMs from, TimestampMs to);
  [[nodiscard]] HistoryStep* step_between(TimestampMs from, TimestampMs to);
  [[nodiscard]] bool is_asked_for(const std::string& topic) const {
    return span_.topic.empty() || span_.topic == topic;
  }

  const HistorySpan span_;
  const TimestampMs begin_;
  const bool of_minutes_;
  History history_;
  std::map<ProcessKey, Process> processes_;
};

}  // namespace longspan
