#include "mirror/groups/polled_commits.h"

#include <utility>

#include "mirror/groups/sink_commits.h"

namespace longspan {
namespace {

ObservedCommit found(const GroupName& group, const TopicPartition& partition) {
  ObservedCommit out{group, partition};
  out.is_exact = false;
  out.is_of_sink = is_sink_group(*group);
  return out;
}

}  // namespace

void PolledCommits::compare(Known& before, LookedAtGroup& now, const Tell& tell) {
  const auto say = [&](const TopicPartition& partition, std::optional<Offset> offset) {
    auto commit = found(now.group, partition);
    if (offset) commit.commit = GroupCommit{*offset};
    commit.seen_after = before.asked_at;
    commit.seen_by = now.answered_at;
    tell(std::move(commit));
  };
  for (const auto& [partition, offset] : now.offsets) {
    const auto old = before.offsets.find(partition);
    if (old == before.offsets.end() || old->second != offset) say(partition, offset);
  }
  for (const auto& [partition, offset] : before.offsets) {
    if (!now.offsets.contains(partition)) say(partition, std::nullopt);
  }
  before = {now.group, now.asked_at, std::move(now.offsets), before.is_missing};
}

void PolledCommits::take(GroupLook& look, const Tell& tell) {
  for (auto& group : look.groups) {
    const auto [at, is_new] = known_.try_emplace(*group.group);
    if (is_new) at->second.asked_at = listed_;
    compare(at->second, group, tell);
  }
  listed_ = look.missing ? std::nullopt : std::optional(look.asked_at);
  // One that did not answer may have committed long before: nothing is known of it.
  for (const auto& group : look.unanswered) known_.try_emplace(*group, Known{group, {}, {}, false});
  if (look.missing) return;
  for (auto at = known_.begin(); at != known_.end();) {
    Known& known = at->second;
    const bool was_missing = known.is_missing;
    known.is_missing = !look.states.contains(at->first);
    if (!known.is_missing || !was_missing) {  // once is no proof: a group may be on its way
      ++at;
      continue;
    }
    LookedAtGroup gone{at->second.group, look.listed_at, look.listed_at, {}};
    compare(at->second, gone, tell);
    at = known_.erase(at);
  }
}

void PolledCommits::change(const std::function<bool(const TopicPartition&)>& wants) {
  listed_.reset();
  for (auto& [name, known] : known_) {
    known.asked_at.reset();
    std::erase_if(known.offsets, [&](const auto& at) { return !wants(at.first); });
  }
}

}  // namespace longspan
