// mirror/groups/commit_batches.h - gathers commits into batches, and keeps no more of them than are
// worth keeping while nobody takes them.
//
// A batch is taken when whoever was given it lets go of it. While kBatchesMax are not, what comes
// gathers here; above kCommitsMax of it only the newest commit of each group and partition stays,
// and of each group's states the last.
//
// Errors:  none.
// Threads: one; batches may be let go of anywhere.
// Limits:  a batch has at most kCommitsMax commits and as many groups. Gathered: kCommitsMax, or
//          twice the number of group partitions that committed meanwhile; 112 B each, and the
//          topic's name where it is longer than 15 bytes.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "mirror/groups/group_commits.h"

namespace longspan {

// In order, per group and partition.
class GatheredCommits {
 public:
  static constexpr std::size_t kCommitsMax = 10'000;

  void add(ObservedCommit commit);
  void add(GroupSeen group);
  // What `later` holds came after all that is here.
  void append(GatheredCommits later);
  // The oldest, at most kCommitsMax of each kind.
  [[nodiscard]] GroupCommits take();
  [[nodiscard]] bool is_empty() const { return commits_.empty() && groups_.empty(); }
  [[nodiscard]] bool is_batch() const {
    return commits_.size() >= kCommitsMax || groups_.size() >= kCommitsMax;
  }
  [[nodiscard]] const std::vector<ObservedCommit>& commits() const { return commits_; }
  [[nodiscard]] std::vector<GroupSeen> take_groups() { return std::exchange(groups_, {}); }
  void clear();

 private:
  void keep_newest_commits();
  void keep_newest_groups();

  std::vector<ObservedCommit> commits_;
  std::vector<GroupSeen> groups_;
  std::size_t commits_max_ = kCommitsMax;  // then the newest are kept
  std::size_t groups_max_ = kCommitsMax;
};

class CommitBatches {
 public:
  static constexpr std::size_t kBatchesMax = 8;
  using Take = std::function<void(std::shared_ptr<const GroupCommits>)>;

  explicit CommitBatches(Take take, EventSide side = EventSide::target)
      : take_(std::move(take)), side_(side) {}

  template <class T>
  void add(T value) {
    gathered_.add(std::move(value));
  }
  void append(GatheredCommits later) { gathered_.append(std::move(later)); }
  // What is gathered is void, and all that was handed over: the next batch says so.
  void begin_anew();
  // As many batches as may be out.
  void hand_over();
  [[nodiscard]] bool is_empty() const { return gathered_.is_empty() && !is_first_; }
  [[nodiscard]] bool is_batch() const { return gathered_.is_batch(); }

 private:
  [[nodiscard]] bool has_room();

  const Take take_;
  const EventSide side_;
  GatheredCommits gathered_;
  bool is_first_ = false;
  std::deque<std::weak_ptr<const GroupCommits>> out_;
};

}  // namespace longspan
