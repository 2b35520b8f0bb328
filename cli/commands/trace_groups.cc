#include "cli/commands/trace_groups.h"

#include <algorithm>
#include <set>

#include "mirror/groups/commit_search.h"
#include "mirror/traces/hop_ids.h"

namespace longspan {
namespace {

std::string number(Offset offset) { return std::to_string(offset.value); }

}  // namespace

TraceGroups::TraceGroups(FlowView& view, std::vector<std::string> asked)
    : view_(view), asked_(std::move(asked)) {}

Result<std::vector<std::string>> TraceGroups::names() {
  if (!asked_.empty()) return asked_;
  const auto listing = view_.target_admin().list_groups();
  if (!listing) return listing.error();
  const FlowConfig& config = view_.config();
  std::vector<std::string> out;
  for (const auto& [group, state] : listing->groups) {
    const bool is_wanted =
        config.latency_groups.matches(group) && !config.latency_groups_exclude.matches(group);
    const bool is_ours = group == config.state_topic();
    if (is_wanted && !is_ours) out.push_back(group);
  }
  return out;
}

// A cluster of thousands of groups is not asked for minutes; what was asked once is known.
bool TraceGroups::may_ask(const std::string& group) const {
  return !asked_.empty() || positions_.contains(group) || asking_ < kAskingMax;
}

const Positions* TraceGroups::positions_of(const std::string& group, std::string& why) {
  auto found = positions_.find(group);
  if (found == positions_.end()) {
    const auto began = std::chrono::steady_clock::now();
    found = positions_.emplace(group, view_.target_admin().group_offsets(group)).first;
    asking_ += std::chrono::steady_clock::now() - began;
  }
  if (found->second) return &*found->second;
  why = with_addresses(found->second.error(), view_.config()).text();
  return nullptr;
}

void TraceGroups::add(ShownRecord& out) {
  const auto groups = names();
  if (!groups) {
    out.unknown.push_back({"sink_commit", with_addresses(groups.error(), view_.config()).text()});
    return;
  }
  for (const std::string& group : *groups) {
    if (!may_ask(group)) {
      ++out.groups_more;
      continue;
    }
    ShownGroup shown;
    shown.group = group;
    const Positions* positions = positions_of(group, shown.why);
    if (positions == nullptr) {
      out.groups.push_back(std::move(shown));
      continue;
    }
    const bool reads_topic = std::any_of(
        positions->begin(), positions->end(),
        [&](const auto& each) { return each.first.topic == out.target.partition.topic; });
    if (!reads_topic && asked_.empty()) continue;
    const auto position = positions->find(out.target.partition);
    if (position == positions->end()) {
      shown.why = "it has no position in " + out.target.partition.text();
    } else {
      shown.position = position->second;
      const bool is_behind = position->second > *out.target.offset;
      shown.state = is_behind ? ShownGroup::State::committed : ShownGroup::State::not_committed;
      const auto before = (*out.target.offset - position->second).count;
      if (!is_behind) {
        shown.why = "it is at " + number(position->second) + ", " +
                    (before == 0 ? "the record is its next"
                                 : std::to_string(before) + " offsets before the record");
      }
    }
    out.groups.push_back(std::move(shown));
  }
  add_commits(out);
}

void TraceGroups::add_commits(ShownRecord& out) {
  std::set<std::string> committed;
  for (const ShownGroup& group : out.groups) {
    if (group.state == ShownGroup::State::committed) committed.insert(group.group);
  }
  if (committed.empty()) return;
  const auto& append = out.way->at(Waypoint::target_append);
  const auto from = append ? append->low : std::nullopt;
  const TimestampMs since = from ? TimestampMs{from->us / 1000} : *out.timestamp;
  const auto found = find_commits(view_.target_reader(), out.target.partition, *out.target.offset,
                                  committed, since);
  const HopIds ids(view_.config().name(), out.source.partition);
  for (ShownGroup& group : out.groups) {
    if (!committed.contains(group.group)) continue;
    if (!found) {
      group.why = with_addresses(found.error(), view_.config()).text();
      continue;
    }
    const auto commit = found->find(group.group);
    if (commit == found->end()) {
      group.why = "__consumer_offsets does not hold that commit any more";
      continue;
    }
    group.committed_at = commit->second.at;
    SinkFacts facts{*stamp_of(commit->second.at), {}, CommitOrder::after_processing};
    if (commit->second.previous_at) facts.previous = stamp_of(*commit->second.previous_at);
    if (view_.config().latency_groups_before_processing.matches(group.group)) {
      facts.order = CommitOrder::before_processing;
    }
    group.done = sink_at(*out.way, facts, view_.config().clocks);
    if (!group.done) continue;
    group.took = ordered_difference(*group.done, *append);
    if (const auto& at = out.way->at(Waypoint::commit))
      group.end_to_end = ordered_difference(*group.done, *at);
    if (out.trace.hop && out.source.offset) {
      group.id = ids.sink_span(*out.source.offset, group.group);
    }
  }
}

}  // namespace longspan
