// mirror/groups/commit_feed.h - follows what consumer groups commit on a cluster.
//
//   __consumer_offsets --OffsetsTail--+
//                                     +--> CommitFeed --GroupCommits--> shards
//   group calls -----------GroupLook--+
//
// It notes where the partitions of __consumer_offsets end, asks every group for its positions,
// reads on from the noted ends up to where they end after the asking, and only then tells: what was
// asked for, where no record says more, and the records behind it. So nothing is replayed, nothing
// falls between, and the order holds. From then on every record is told as it comes. For partitions
// that are wanted later it is the same, for these.
//
// Where the topic cannot be read the groups are asked each poll_interval instead, which knows two
// times between which a commit happened. The topic is tried again all the while. A change between
// the two, or a gap in what was read, begins anew (GroupCommits::is_first). Where the
// cluster does not answer for a minute it says so: nothing is known until it answers.
//
// A group is dead when two lists in turn do not have it, and all brokers answered them.
//
// Errors:  what keeps it from reading is logged once; it is tried again after kTryAgain at first.
// Threads: run() or turn() on one thread, which waits for the cluster; watch() and begin_anew()
//          from anywhere. `take` is called on run()'s thread.
// Owns:    its clients.
// Limits:  see commit_batches.h; while followed nothing is kept of a group but its name and state,
//          while polled 160 B of each of its committed partitions that is wanted.
// Source:  ARCHITECTURE.md, "Time".
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "mirror/groups/commit_batches.h"
#include "mirror/groups/group_look.h"
#include "mirror/groups/offsets_tail.h"
#include "mirror/groups/polled_commits.h"
#include "tracing/log.h"

namespace longspan {

struct CommitFeedConfig {
  NamePatterns groups;
  NamePatterns groups_exclude;
  std::chrono::milliseconds poll_interval{5000};
  EventSide side = EventSide::target;
};

struct CommitFeedPorts {
  const Clock& clock;
  std::unique_ptr<Wakeup> wakeup;
  std::function<Result<std::unique_ptr<Source>>(Wakeup&)> make_source;  // read_committed
  std::function<Result<std::unique_ptr<Admin>>()> make_admin;
};

class CommitFeed final : private OffsetsTailEvents {
 public:
  using Partitions = std::unordered_set<TopicPartition>;

  static constexpr std::chrono::milliseconds kTurn{1'000};
  static constexpr std::chrono::milliseconds kGather{100};      // between two batches
  static constexpr std::chrono::milliseconds kTryAgain{1'000};  // doubled up to the next
  static constexpr std::chrono::milliseconds kTryAgainMax{60'000};
  static constexpr std::chrono::milliseconds kListInterval{10'000};
  static constexpr std::chrono::milliseconds kCatchUp{30'000};  // with the end of the topic
  static constexpr std::chrono::milliseconds kUnheard{30'000};

  CommitFeed(CommitFeedConfig config, CommitFeedPorts ports, LogContext log,
             CommitBatches::Take take);

  void run(const std::stop_token& stop);
  // One turn of run(); for tests. Until the next.
  std::chrono::milliseconds turn();

  // Only commits of these partitions are told; of those that were not wanted before, what is
  // committed already, too. What was told of a partition is void when it is not wanted any more.
  // While there are none the cluster is left alone.
  void watch(Partitions partitions);
  // A batch did not arrive.
  void begin_anew();

 private:
  enum class Mode : std::uint8_t { none, followed, polled };
  // What was asked for, until the topic is read up to where it ended then.
  struct PendingLook {
    bool is_first = false;
    GroupLook look;
    std::vector<Offset> ends;
  };
  struct Unanswered {
    GroupName group;
    std::shared_ptr<const Partitions> partitions;  // it was asked for
    std::set<TopicPartition> told;                 // since
  };

  void on_commit(CommitRecord& record, std::optional<std::int32_t> coordinator) override;
  void on_group(GroupRecord& record) override;
  void tell_sinks_time(ObservedCommit& commit, std::string_view metadata) const;

  void take_orders();
  void close();
  [[nodiscard]] Result<void> open_admin();
  void open_tail();
  void follow();
  void look_if_due();
  void look_at_all();
  void look_at_added();
  void look_at_unanswered();
  void await_ends(GroupLook look, std::shared_ptr<const Partitions> partitions, bool is_first);
  void finish_look();
  void lose_tail(const Error& error);
  void check_end();
  void forget_what_is_old();
  void poll();
  void list();
  void see_listing(const std::map<std::string, GroupState>& states, bool is_complete);
  void see(GroupName group, GroupState state);
  void trouble(const Error& error);
  void change(Mode mode);
  [[nodiscard]] LookPorts look_ports(std::shared_ptr<const Partitions> partitions);
  [[nodiscard]] Clock::Steady now() const { return ports_.clock.steady(); }
  [[nodiscard]] std::chrono::milliseconds until_next_turn() const;

  // Constant after construction.
  const CommitFeedConfig config_;
  const CommitFeedPorts ports_;
  const LogContext log_;

  std::atomic<bool> is_anew_wanted_{false};
  std::mutex orders_mutex_;
  std::shared_ptr<const Partitions> ordered_ = std::make_shared<Partitions>();  // by orders_mutex_
  Partitions ordered_added_;                                                    // the same

  // run()'s thread.
  std::stop_token stop_;
  Mode mode_ = Mode::none;
  GroupNames names_;
  CommitBatches batches_;
  std::shared_ptr<const Partitions> wanted_ = ordered_;
  Partitions added_;  // not asked for yet
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<OffsetsTail> tail_;  // absent: to be opened
  std::optional<PendingLook> look_;
  GatheredCommits held_;  // since the look began, or the tail was opened
  std::map<std::string, Unanswered> unanswered_;
  PolledCommits polled_;
  std::map<std::string, std::pair<GroupName, GroupState>> states_;  // as told
  std::set<std::string> missing_;  // from the last list; dead when from the next, too
  std::vector<Offset> ends_;       // of the topic, at the last check
  Clock::Steady next_check_{};
  std::optional<Clock::Steady> known_until_;  // absent: nothing is told that may be old
  bool has_more_ = false;                     // to be read at once
  std::chrono::milliseconds try_again_ = kTryAgain;
  Clock::Steady next_try_{};
  Clock::Steady next_look_{};
  Clock::Steady next_leaders_{};
  Clock::Steady next_list_{};
  Clock::Steady next_poll_{};
  Clock::Steady next_batch_{};
  Clock::Steady catch_up_by_{};
  std::string told_;  // what was logged last
};

}  // namespace longspan
