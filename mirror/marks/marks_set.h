// mirror/marks/marks_set.h - what a process writes into the marks topic at one time: what changed
// since what it wrote before.
//
//   take() --bytes--> the topic; then written(), or dropped(): the next set covers both
//
// Why the flow was late is told of all looks since the last written set.
//
// The first set of a minute is full: every partition as it stands; so is one whose clock was set
// back before the last full one. The others hold what moved since, relative to the last full one.
// Latencies are differences of what the snapshot adds up; of each topic from where its last written
// ones ended, so that nothing is lost in an outage, only told later and in one.
//
// Units:   milliseconds; bytes before compression.
// Errors:  none. Of a topic whose histograms began anew (its partitions went and came back) what
//          was added since is not known and is left out.
// Threads: a value.
// Limits:  kBytesPerSecond for each begun kPartitions that moved within a minute, and
//          kIdleBytesPerSecond for each other: positions go first, and where latencies do not fit
//          behind them, or in kLatenciesLeast of all, those that have waited longest are written
//          and the others wait.
// Source:  ARCHITECTURE.md, "Marks".
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mirror/marks/marks_records.h"
#include "mirror/snapshot.h"

namespace longspan {

inline constexpr std::int64_t kRollUpMs = 60'000;
// A process that missed so many sets does not run any more, or could not write; what is found again
// so soon is the same.
inline constexpr std::int64_t kMissedMax = 3;

// Partitions of the marks topic.
inline constexpr std::int32_t kMarksPartition = 0;
inline constexpr std::int32_t kMinutesPartition = 1;  // full sets and roll-ups

struct MarksSet {
  std::vector<std::string> marks;    // records for kMarksPartition
  std::vector<std::string> minutes;  // for kMinutesPartition
  [[nodiscard]] std::size_t bytes() const;
};

class MarksSets {
 public:
  static constexpr std::ptrdiff_t kSlowestMax = 20;  // partitions whose slowest record is told
  static constexpr std::int64_t kPartitions = 1'000;
  static constexpr std::size_t kGoneKept = 10'000;  // topics that are not there now
  static constexpr std::size_t kCausesMax = 100;    // that are not written
  static constexpr double kBytesPerSecond = 2'000;
  static constexpr double kIdleBytesPerSecond = 0.5;
  static constexpr double kLatenciesLeast = 0.1;  // of all

  MarksSets(std::string process, TimestampMs started_at);

  // One set at a time: it is settled by written() or dropped() before the next. `has_joined`: an
  // interval before, the process had no part in the flow.
  [[nodiscard]] MarksSet take(const FlowSnapshot& now, std::int64_t interval_ms, bool is_last,
                              bool has_joined = false);
  // Why the flow is late at a time at which no set is taken: the next one tells it, too.
  void note_causes(const FlowSnapshot& now, std::int64_t interval_ms);
  [[nodiscard]] bool is_taken() const { return pending_.has_value(); }
  void written();
  void dropped();

 private:
  using Places = std::vector<TopicPositions>;  // by topic
  struct Sums {
    TimestampMs since;
    Histogram mirror_latency;
    Histogram residence;
    TopicHops hops;
    std::optional<TimestampMs> before = {};  // the `since` of what was written last
    // Another than that also where the clock was set back: two with one would be one.
    void begin_at(TimestampMs at) { since = {at.value + (before == at ? 1 : 0)}; }
  };
  using SumsByTopic = std::map<std::string, Sums>;
  struct Pending {
    TimestampMs at;
    bool is_full = false;
    Places places;
    SumsByTopic marks;
    SumsByTopic minutes;
    std::vector<CauseSpan> causes;
    std::vector<CauseSpan> causes_of_minute;
  };

  [[nodiscard]] PositionsMark changes(const MarkHead& head, const Places& now) const;
  [[nodiscard]] TimestampMs time_of(const FlowSnapshot& now) const;
  [[nodiscard]] LatenciesMark latencies(const MarkHead& head, const FlowSnapshot& now,
                                        SumsByTopic& before, SumsByTopic& next);
  void forget_gone(const FlowSnapshot& now, SumsByTopic& sums) const;
  void add_causes(MarksSet& out, const MarkHead& head);
  double earn(const FlowSnapshot& now, std::size_t moved);
  // Adds the records of what fits into the allowance.
  void add(std::vector<std::string>& out, LatenciesMark mark, double most, SumsByTopic& next);

  const std::string process_;
  const TimestampMs started_at_;
  TimestampMs last_at_;
  std::optional<TimestampMs> base_at_;
  Places base_;
  Places last_;
  SumsByTopic marks_;
  SumsByTopic minutes_;
  CauseSpans causes_{kCausesMax};
  CauseSpans causes_of_minute_{kCausesMax};
  std::int64_t apart_ms_ = 0;  // of causes
  std::size_t moved_in_minute_ = 0;
  double allowance_ = 0;                // bytes
  double allowance_for_latencies_ = 0;  // a part of it is theirs in any case
  std::optional<Pending> pending_;
};

}  // namespace longspan
