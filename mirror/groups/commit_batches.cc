#include "mirror/groups/commit_batches.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace longspan {
namespace {

auto key_of(const ObservedCommit& commit) {
  return std::make_tuple(std::string_view(*commit.group), std::string_view(commit.partition.topic),
                         commit.partition.partition);
}
std::string_view key_of(const GroupSeen& group) { return *group.group; }

// The last of each key, in their order.
template <class T>
void keep_last(std::vector<T>& values) {
  std::set<decltype(key_of(values.front()))> seen;
  std::vector<bool> stays(values.size());
  for (std::size_t i = values.size(); i-- > 0;) stays[i] = seen.insert(key_of(values[i])).second;
  std::vector<T> kept;
  kept.reserve(seen.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (stays[i]) kept.push_back(std::move(values[i]));
  }
  values = std::move(kept);
}

template <class T>
std::vector<T> take_first(std::vector<T>& values, std::size_t count_max) {
  if (values.size() <= count_max) return std::exchange(values, {});
  const auto end = values.begin() + static_cast<std::ptrdiff_t>(count_max);
  std::vector<T> out(std::make_move_iterator(values.begin()), std::make_move_iterator(end));
  values.erase(values.begin(), end);
  return out;
}

}  // namespace

void GatheredCommits::add(ObservedCommit commit) {
  commits_.push_back(std::move(commit));
  if (commits_.size() > commits_max_) keep_newest_commits();
}

void GatheredCommits::add(GroupSeen group) {
  groups_.push_back(std::move(group));
  if (groups_.size() > groups_max_) keep_newest_groups();
}

void GatheredCommits::keep_newest_commits() {
  keep_last(commits_);
  commits_max_ = std::max(kCommitsMax, 2 * commits_.size());
}

void GatheredCommits::keep_newest_groups() {
  keep_last(groups_);
  groups_max_ = std::max(kCommitsMax, 2 * groups_.size());
}

void GatheredCommits::append(GatheredCommits later) {
  for (auto& commit : later.commits_) add(std::move(commit));
  for (auto& group : later.groups_) add(std::move(group));
}

GroupCommits GatheredCommits::take() {
  GroupCommits out;
  out.commits = take_first(commits_, kCommitsMax);
  out.groups = take_first(groups_, kCommitsMax);
  return out;
}

void GatheredCommits::clear() { *this = {}; }

void CommitBatches::begin_anew() {
  gathered_.clear();
  is_first_ = true;
}

void CommitBatches::hand_over() {
  while (!is_empty() && has_room()) {
    auto batch = gathered_.take();
    batch.is_first = std::exchange(is_first_, false);
    batch.side = side_;
    auto shared = std::make_shared<const GroupCommits>(std::move(batch));
    out_.push_back(shared);
    take_(std::move(shared));
  }
}

bool CommitBatches::has_room() {
  std::erase_if(out_, [](const auto& batch) { return batch.expired(); });
  return out_.size() < kBatchesMax;
}

}  // namespace longspan
