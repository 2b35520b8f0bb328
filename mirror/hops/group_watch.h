// mirror/hops/group_watch.h - how far consumer groups on the target are behind a shard's copies,
// and how long a record took until a group committed a position behind it.
//
//   copied() --what was written, and sampled records--> Log <--take()-- commits, of all groups
//                                                        |
//                                            publish() --> GroupSnapshot
//
// A commit says that what is below it was processed: at the earliest when it was appended, at the
// latest when it was committed (record_times.h). Of each sampled record the first commit behind it
// counts, for each group. Where more wait for a commit than there is room for, the older half is
// thinned: every other record goes, and the one behind it stands for it, too.
//
// Units:   target offsets; times on longspan's timeline.
// Errors:  none. What is not known is absent: the age of what was written before this process, for
//          one.
// Threads: one shard's.
// Limits:  kCopiesMax records wait in a shard, at least kCopiesOfPartition of a partition;
//          kGroupTopicsMax groups and topics have latencies, all have positions; some 300 bytes a
//          group and partition.
// Source:  ARCHITECTURE.md, "Time"; lagcalc/group_lag.h.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lagcalc/clocks/clock_tracker.h"
#include "lagcalc/group_lag.h"
#include "lagcalc/offset_times.h"
#include "lagcalc/topic_partition.h"
#include "mirror/admin.h"
#include "mirror/clocks/clock_watch.h"
#include "mirror/groups/group_commits.h"
#include "mirror/hops/group_snapshot.h"
#include "mirror/hops/hop_watch.h"
#include "mirror/ports.h"

namespace longspan {

struct GroupSettings {
  bool is_on = false;  // nothing is kept otherwise
  ClockConfig clocks = {};
};

class GroupWatch {
 public:
  static constexpr std::size_t kCopiesMax = 20'000;
  static constexpr std::size_t kCopiesOfPartition = 2;
  static constexpr std::size_t kCopiesUnread = 256;  // of one that no group has committed yet
  static constexpr std::size_t kGroupTopicsMax = 10'000;
  static constexpr std::size_t kPartitionsShownMax = 10'000;
  using Steady = Clock::Steady;

  struct Commit {
    GroupCommit position;
    std::optional<std::int32_t> coordinator;
    std::optional<Stamp> at;  // its own, or when it was first seen
    bool is_own_clock = false;
    const std::string* sink = nullptr;  // whose clock it is, where it is a sink's
  };
  struct Position {
    Commit last;
    std::optional<Commit> previous;
    Steady seen_at{};
  };
  using Positions = std::map<const std::string*, Position>;  // by group
  // A sampled record that is on the target.
  struct Copy {
    Offset source;
    Offset target;
    std::int64_t stands_for = 1;
    RecordTimes times;
  };
  // Of one partition.
  struct Log {
    std::string topic;  // at the source
    TopicPartition target;
    bool is_open = false;
    std::optional<OffsetTimes> times;  // of what was copied since it was opened; absent: nothing
    std::deque<Copy> copies;           // in the order of both offsets
    Positions positions;
    std::map<const std::string*, Offset> judged_to;  // by group: of copies below, each once
    std::optional<PartitionEnds> ends;
    Steady ends_at{};
  };

  // `clocks` may be null: no clock is measured; `slos`: nobody judges. All outlive it.
  GroupWatch(const Clock& clock, const HopWatch& hops, GroupSettings settings,
             const ClockWatch* clocks = nullptr, SloWatch* slos = nullptr);

  [[nodiscard]] bool is_on() const { return settings_.is_on; }
  // `log` stays where it is until forget().
  void open(Log& log, const std::string& topic, const TopicPartition& target);
  // It will be opened: positions that come before that are kept for it.
  void await(const TopicPartition& target);
  // Nobody opens it any more.
  void leave(const TopicPartition& target) { away_.erase(target); }
  // `count` records of one timestamp, from `first` on. What an abort took back comes again, further
  // on; where the target was cut it comes again at a lower offset, and what was known is void.
  void copied(Log& log, Offset first, std::int64_t count, TimestampMs timestamp);
  void copied(Log& log, Copy copy);
  void ends(Log& log, const PartitionEnds& ends);
  void take(const GroupCommits& batch);
  // The partition goes; the topic does. `comes_back`: it is opened again at once, and nobody tells
  // the positions of groups once more.
  void forget(Log& log, bool comes_back = false);
  void forget(const std::string& topic);

  // Computed anew when it is due, at most once a second, for what it costs.
  [[nodiscard]] std::shared_ptr<const std::vector<GroupSnapshot>> snapshot();

 private:
  // A coordinator's node id (-1: not known), or a sink.
  using ClockKey = std::pair<std::int32_t, const std::string*>;
  using GroupTopic = std::pair<const std::string*, std::string>;
  using Groups = std::map<std::string, GroupState>;

  void begin_anew();
  void take(const GroupSeen& seen);
  void take(const ObservedCommit& seen, bool is_snapshot);
  void judge(Log& log, const std::string* group, const Position& position);
  void judge(Log& log, const Position& position, Copy& copy, GroupLatency& sum);
  [[nodiscard]] static ClockKey key_of(const Commit& commit);
  [[nodiscard]] ClockTracker tracker_of(const Commit& commit) const;
  [[nodiscard]] static bool is_believed(const Log& log, const Commit& commit);
  [[nodiscard]] GroupCommit on_timeline(const Commit& commit) const;
  void learn(Log& log, const Position& position);
  void trim(Log& log);
  void thin(Log& log);
  [[nodiscard]] std::size_t copies_max(const Log& log) const;
  [[nodiscard]] ClockOffset offset_of(const Commit& commit) const;
  [[nodiscard]] GroupLatency* latency_of(const std::string* group, const std::string& topic);
  // Absent: where the log ends is not known.
  [[nodiscard]] std::optional<GroupPartition> inputs(const Log& log, const std::string* group,
                                                     const Position& position) const;
  void add_times(GroupPartition& out, const Log& log) const;
  [[nodiscard]] std::vector<GroupSnapshot> compute() const;

  const Clock& clock_;
  const HopWatch& hops_;
  const GroupSettings settings_;
  const ClockWatch* const clocks_;
  SloWatch* const slos_;
  Groups groups_;  // their names are pointed to
  std::map<TopicPartition, Log*> logs_;
  std::map<TopicPartition, Positions> away_;  // of partitions that come back
  std::map<GroupTopic, GroupLatency> latencies_;
  std::map<ClockKey, ClockTracker> committers_;
  std::shared_ptr<const std::vector<GroupSnapshot>> computed_;
  Steady next_computing_{};
};

}  // namespace longspan
