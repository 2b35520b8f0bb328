// mirror/marks/history.h - what the marks of a flow tell of a span of time, in steps.
//
// What a process wrote at two times tells of the time between them. Counted records are spread
// over the steps that this time overlaps, by how much of it lies in each. Histograms cannot be
// split: they count for the step that holds most of their time, and the others say so. Histograms
// of several topics and processes are merged, exactly.
//
// A process that wrote nothing for longer than three intervals leaves a gap: what happened in it is
// told as one, in no step, save where all of the gap lies within one.
//
// Where no process of the flow wrote for longer than two intervals is a silence: none ran, was
// stopped, or could write.
//
// Why the flow was late is what its processes found when they wrote, or would have written: a cause
// that a process could not write in an outage is told after it, one that died with it is not known.
//
// Units:   milliseconds; spans are half-open, [from, to).
// Errors:  none. A step that no mark covers says so by covered_ms, and its zeros mean nothing.
// Threads: values.
// Limits:  memory goes with the steps (with `per_topic` times topics) and the partitions, not with
//          the marks: a step keeps the histograms of all its topics as one, and of each partition
//          some kPositionsEach positions are kept.
// Source:  ARCHITECTURE.md, "Marks".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "mirror/marks/covered_time.h"
#include "mirror/marks/marks_records.h"

namespace longspan {

struct HistorySpan {
  TimestampMs from;
  TimestampMs to;
  std::int64_t step_ms = 60'000;
  std::string topic{};  // source topic; empty: all
  bool per_topic = false;
  // When this record was mirrored is looked for: History::passed.
  std::optional<TopicPartition> record_partition = {};
  Offset record = {};
};

// Of the followed records that marks name (slowest_record.h) the one whose time from commit to
// target has the highest upper bound: as high as the highest of StepLatencies::hops, save beside an
// outage, beside a step's end, and of a topic of one partition that is not among the slowest of
// all. Where none tells its commit, the largest lag.
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
  std::int64_t covered_ms = 0;  // of it, by any process
  bool is_incomplete = false;   // covered by one process, and another has a gap there
  std::int64_t records = 0;     // acknowledged
  StepLatencies latencies;
  std::optional<TimestampMs> latencies_since;  // where clearly earlier than the step
  std::optional<TimestampMs> latencies_until;  // where clearly later
  // Latencies of a part of it are with those of a longer time, which begins then.
  std::optional<TimestampMs> latencies_elsewhere;
  std::map<std::string, StepLatencies> by_topic;  // with per_topic
  std::optional<WorstPartition> worst;
};

// A process wrote nothing for so long, and then that so many were acknowledged meanwhile.
struct HistoryGap {
  TimestampMs from;
  TimestampMs to;
  std::int64_t records = 0;
  friend bool operator==(const HistoryGap&, const HistoryGap&) = default;
};

// Of the whole flow. The time between the last mark before and the first one behind it.
struct HistorySilence {
  TimestampMs from;
  TimestampMs to;
  friend bool operator==(const HistorySilence&, const HistorySilence&) = default;
};

struct PartitionPoint {
  TimestampMs at;  // of its mark
  PartitionMark mark;
  friend bool operator==(const PartitionPoint&, const PartitionPoint&) = default;
};

// One process wrote `before`, then `by`; in between it was acknowledged that HistorySpan::record is
// on the target. Without `before`: some time before `by`.
struct PassedRecord {
  std::optional<PartitionMark> before;
  PartitionPoint by;
  friend bool operator==(const PassedRecord&, const PassedRecord&) = default;
};

struct History {
  std::vector<HistoryStep> steps;
  std::map<TopicPartition, PartitionPoint> points;  // the last below `to`, of each
  std::map<TopicPartition, std::int64_t> records;   // of all steps
  std::vector<HistoryGap> gaps;                     // with records; those are in no step
  std::vector<HistorySilence> silences;             // behind begins_at
  std::vector<CauseSpan> causes;                    // of all processes, cut to the span
  std::int64_t causes_left_out = 0;                 // behind kCausesMax
  std::set<std::string> topics;                     // all that any mark names
  std::optional<TimestampMs> last_at;               // of the last set below `to`
  std::optional<PassedRecord> passed;               // the earliest, of a mark below `to`
  bool is_running = false;                          // at `to`, so that the next one was due later
  bool is_from_first = false;                       // the topic has nothing older than the span ...
  bool is_cut = false;                              // ... any more
  std::optional<TimestampMs> begins_at;             // its first mark, if that is within the span
  std::int64_t unreadable = 0;      // records of the topic, or partitions without their base
  std::int64_t interval_ms = 0;     // the longest of the marks of the span
  std::int64_t held_bytes_max = 0;  // while it was read (marks_feed.h)
};

// Folds marks into a History. Those of one process come in the order in which they were written.
class HistoryFold {
 public:
  // Where more are kept when another process comes, those that were silent longest are forgotten.
  static constexpr std::size_t kPositionsEach = 4;
  static constexpr std::size_t kCausesMax = 10'000;

  // `begin`: marks from then on are given. `of_minutes`: latencies are the roll-ups'.
  HistoryFold(HistorySpan span, TimestampMs begin, bool of_minutes);

  void add(const Mark& mark);
  void add_unreadable() { ++history_.unreadable; }
  // Positions of partitions that are kept, of all processes.
  [[nodiscard]] std::size_t positions_held() const;
  [[nodiscard]] History finish();

 private:
  using ProcessKey = std::pair<std::string, TimestampMs>;  // with when it started
  struct Open {
    TimestampMs at;
    TopicLatencies latencies;
  };
  struct Last {
    PartitionMark mark;
    std::int64_t full_sets = 0;  // that had begun
  };
  struct Process {
    std::optional<TimestampMs> at;   // of its last set
    TimestampMs since;               // what that set tells of begins then
    std::optional<std::size_t> gap;  // of history_.gaps, if that is one
    std::int64_t interval_ms = 0;
    bool is_over = false;
    bool is_there_at_end = false;  // of the first set behind the span: what is before it was due
    bool is_forgotten = false;
    std::optional<TimestampMs> base_at;
    bool has_earlier_base = false;
    std::vector<std::string> base_topics;  // by number
    std::map<TopicPartition, PartitionMark> base;
    std::map<TopicPartition, Last> last;
    std::int64_t full_sets = 0;
    std::int64_t seen = 0;             // the larger, the later
    std::map<std::string, Open> open;  // by topic: the next may replace it
  };

  Process& process_of(const MarkHead& head);
  void note_time(Process& process, const MarkHead& head, std::int64_t interval_ms);
  void begin_base(Process& process, const MarkHead& head, bool is_forgotten);
  void forget_silent();
  void forget(Process& process);
  void add(const PositionsMark& mark);
  void add(const LatenciesMark& mark);
  void add(const CausesMark& mark);
  void add(Process& process, const PositionsMark& mark, const std::string& topic,
           const std::vector<PartitionMark>& partitions);
  void add(Process& process, const TopicPartition& source, const PartitionMark& mark);
  void count_records(const Process& process, const TopicPartition& source,
                     const PartitionMark& mark, const PartitionMark* was);
  // Answers how many are of a step.
  std::int64_t spread(std::int64_t records, TimestampMs from, TimestampMs to);
  void note_passed(const Process& process, const PartitionMark& mark, const PartitionMark* was);
  void judge(const Process& process, const TopicPartition& source, const PartitionMark& mark,
             const PartitionMark* was);
  void offer_worst(const WorstPartition& now, TimestampMs at);
  void settle(const Open& open, std::int64_t interval_ms);
  void settle_coverage();
  void settle_silences();
  [[nodiscard]] std::int64_t index_at(TimestampMs at) const;
  [[nodiscard]] HistoryStep* step_at(TimestampMs at);
  [[nodiscard]] bool is_asked_for(const std::string& topic) const {
    return span_.topic.empty() || span_.topic == topic;
  }

  const HistorySpan span_;
  const TimestampMs begin_;
  const bool of_minutes_;
  History history_;
  std::map<ProcessKey, Process> processes_;
  CoveredTime covered_;
  CoveredTime heard_;  // by when sets came
  CauseSpans causes_{kCausesMax};
  std::int64_t seen_ = 0;
};

}  // namespace longspan
