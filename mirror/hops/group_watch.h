// mirror/hops/group_watch.h - how far consumer groups are behind what a shard mirrors, and how long
// a record took until a group on the target committed a position behind it.
//
//   copied() --what was written, and sampled records--> Log <--take()-- commits, of all groups
//                                                        |
//                                            publish() --> GroupSnapshot
//
// A commit says that what is below it was processed: at the earliest when it was appended, at the
// latest when it was committed (record_times.h). Of each sampled record the first commit behind it
// counts, for each group. A commit may become known before the record it is about: then it ends the
// record's way when that comes. Where more wait for a commit than there is room for, neighbours
// become one, those first that began close together for their age: the later one stands for both,
// with intervals that cover both.
//
// One of these is of the target's groups. Another may be of the source's: then `partition` is the
// source's own, no copies are sampled, and of what is not mirrored yet the age is not known.
//
// Objectives do not wait for a commit that is late: a record that no objective of its topic would
// call good any more, and kOverdueAfter on top of that, for commits that nobody told us yet, is bad
// at once, and not judged again. Where room is for one copy of a partition only that is left to
// its commit.
//
// A group that has a position anywhere in a topic is taken to read all of it: where it has none,
// and there is something to read, its lag is not known.
//
// Units:   offsets of that side; times on longspan's timeline.
// Errors:  none. What is not known is absent: the age of what was written before this process, for
//          one.
// Threads: one shard's.
// Limits:  kCopiesMax records wait in a shard, at least kCopiesOfPartition of a partition;
//          kGroupTopicsMax groups and topics have latencies, all have positions; below 256 bytes a
//          group and partition. A snapshot looks at kComputeSlice group partitions a call.
// Source:  ARCHITECTURE.md, "Time"; lagcalc/group_lag.h.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lagcalc/group_lag.h"
#include "lagcalc/offset_times.h"
#include "lagcalc/topic_partition.h"
#include "mirror/admin.h"
#include "mirror/clocks/clock_watch.h"
#include "mirror/groups/group_commits.h"
#include "mirror/hops/commit_clocks.h"
#include "mirror/hops/group_snapshot.h"
#include "mirror/hops/hop_watch.h"
#include "mirror/hops/recent.h"
#include "mirror/ports.h"
#include "mirror/topics/name_patterns.h"

namespace longspan {

class TraceWatch;

struct GroupSettings {
  EventSide side = EventSide::target;
  bool is_on = false;  // nothing is kept otherwise
  ClockConfig clocks = {};
  // What was written is stable only when its transaction is committed, which the ends tell.
  bool is_transactional = false;
  NamePatterns before_processing = {};  // groups that commit before they process
};

class GroupWatch {
 public:
  static constexpr std::size_t kCopiesMax = 20'000;
  static constexpr std::size_t kCopiesOfPartition = 1;
  static constexpr std::size_t kCopiesUnread = 256;  // of one that no group has committed yet
  static constexpr std::size_t kGroupTopicsMax = 10'000;
  static constexpr std::size_t kPartitionsShownMax = 10'000;
  static constexpr std::size_t kComputeSlice = 10'000;
  static constexpr DurationUs kOverdueAfter{30'000'000};
  using Steady = Clock::Steady;

  struct Position {
    SeenCommit last;
    std::optional<SeenCommit> previous;
    Offset judged_to;   // copies below, each once
    Offset overdue_to;  // copies below, by objectives, before a commit came
    Instant seen_at;
    bool is_known = true;     // false: void, and only judged_to holds
    bool is_believed = true;  // see is_believed()
  };
  using Positions = std::map<const std::string*, Position>;  // by group
  // A sampled record that is on the target.
  struct Copy {
    Offset source;
    Offset target;
    std::int64_t stands_for = 1;
    RecordTimes times;
    std::int64_t untold = 0;  // further records, whose way begins later than this one's times do
    std::shared_ptr<TracedRecord> trace = {};  // null: it has no spans
  };
  // Of one partition.
  struct Log {
    std::string topic;         // at the source
    TopicPartition partition;  // of its side
    std::string target_topic;
    bool is_open = false;
    std::optional<OffsetTimes> times;  // of what was copied since it was opened; absent: nothing
    std::vector<Copy> copies;          // in the order of both offsets; an empty one takes nothing
    Positions positions;
    Offset judged_to;              // the furthest of them
    std::size_t commits_seen = 0;  // since copies were trimmed
    std::optional<PartitionEnds> ends;
    Instant ends_at;
  };

  // `clocks` may be null: no clock is measured; `slos`: nobody judges. All outlive it.
  GroupWatch(const Clock& clock, const HopWatch& hops, GroupSettings settings,
             const ClockWatch* clocks = nullptr, SloWatch* slos = nullptr);

  [[nodiscard]] bool is_on() const { return settings_.is_on; }
  // Who is told of the commits behind traced records; outlives it.
  void set_traces(TraceWatch& traces) { traces_ = &traces; }
  // `log` stays where it is until forget().
  void open(Log& log, const TopicPartition& source, const TopicPartition& target);
  // It will be opened: positions that come before that are kept for it.
  void await(const TopicPartition& source, const TopicPartition& target);
  // Nobody opens it any more.
  void leave(const TopicPartition& source, const TopicPartition& target) {
    away_.erase(own(source, target));
  }
  // `count` records of one timestamp, from `first` on. What an abort took back comes again, further
  // on; where the target was cut it comes again at a lower offset, and what was known is void.
  void copied(Log& log, Offset first, std::int64_t count, TimestampMs timestamp);
  void copied(Log& log, Copy copy);
  // As of when they were asked for: a commit that was seen since may be beyond.
  void ends(Log& log, const PartitionEnds& ends, Steady asked_at);
  void take(const GroupCommits& batch);
  // The partition goes; the topic does. `comes_back`: it is opened again at once, and nobody tells
  // the positions of groups once more.
  void forget(Log& log, bool comes_back = false);
  void forget(const std::string& topic);

  // Computed anew when it is due, at most once a second, a slice with each call.
  [[nodiscard]] std::shared_ptr<const std::vector<GroupSnapshot>> snapshot();

 private:
  using GroupTopic = std::pair<const std::string*, std::string>;
  struct Group {
    GroupState state = GroupState::unknown;
    CommitOrder order = CommitOrder::after_processing;
  };
  struct Latency {
    GroupLatency total;
    Recent<GroupLatency> recent;
  };
  // A snapshot that is being computed.
  struct Computing {
    std::optional<TopicPartition> behind;  // all up to it were looked at; absent: none was
    std::map<GroupTopic, GroupSnapshot> sums;
    std::size_t shown = 0;
  };

  [[nodiscard]] const TopicPartition& own(const TopicPartition& source,
                                          const TopicPartition& target) const {
    return settings_.side == EventSide::source ? source : target;
  }
  void begin_anew();
  static void make_void(Positions& positions);
  [[nodiscard]] static bool is_older(const ObservedCommit& seen, const SeenCommit& known);
  void take(const GroupSeen& seen);
  void take(const ObservedCommit& seen, bool is_snapshot);
  std::map<std::string, Group>::iterator group_of(const std::string& name);
  void judge(Log& log, const std::string* group, Position& position);
  void judge_late(Log& log, Copy& copy);
  // By objectives; there are some.
  void judge(const Copy& copy, const Log& log, const std::string& group,
             const std::optional<DurationInterval>& latency);
  void judge_overdue(const Log& log, const std::string* group, Position& position);
  void end_way(const Log& log, const std::string* group, Copy& copy, const SinkCommit& commit,
               std::span<const ClockOffset> offsets, Latency& sum, bool was_overdue);
  [[nodiscard]] static bool is_believed(const Log& log, const SeenCommit& commit);
  void learn(const Log& log, const Position& position);
  void trim(Log& log);
  void thin(Log& log);
  [[nodiscard]] std::size_t copies_max(const Log& log) const;
  [[nodiscard]] Latency* latency_of(const std::string* group, const std::string& topic);
  // Absent: where the log ends is not known.
  [[nodiscard]] std::optional<GroupPartition> inputs(const Log& log, const std::string* group,
                                                     const Position& position) const;
  void add_times(GroupPartition& out, const Log& log) const;
  void compute_slice();
  void add(Computing& computing, const Log& log, const std::string* group,
           const Position& position) const;
  // Of a partition in which the group, which reads others of its topic, has no position.
  void add_unread(Computing& computing, const Log& log, const std::string* group) const;
  [[nodiscard]] std::vector<GroupSnapshot> finish(Computing computing) const;

  const Clock& clock_;
  const HopWatch& hops_;
  const GroupSettings settings_;
  SloWatch* const slos_;
  TraceWatch* traces_ = nullptr;
  CommitClocks clocks_;
  std::map<std::string, Group> groups_;  // their names are pointed to
  std::map<TopicPartition, Log*> logs_;
  std::map<TopicPartition, Positions> away_;                     // of partitions that come back
  std::map<std::string, std::set<const std::string*>> readers_;  // by their side's topic
  std::map<GroupTopic, Latency> latencies_;
  std::shared_ptr<const std::vector<GroupSnapshot>> computed_;
  std::optional<Computing> computing_;
  Steady next_computing_{};
};

}  // namespace longspan
