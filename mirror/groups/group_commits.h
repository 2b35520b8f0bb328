// mirror/groups/group_commits.h - what consumer groups committed on a cluster, as it becomes known.
//
// A CommitFeed makes these batches; each shard of the flow is given every batch, so a batch is
// shared and never changed.
//
// Units:   an offset is the next record to be read. commit->at is the clock of the coordinator;
//          seen_after and seen_by are this process's wall clock.
// Errors:  none. What is not known is absent.
// Threads: values; a batch that was handed over is only read.
// Limits:  a batch holds at most 10,000 commits, and as many groups.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lagcalc/group_lag.h"
#include "lagcalc/group_state.h"
#include "lagcalc/topic_partition.h"
#include "lagcalc/units.h"
#include "mirror/event.h"

namespace longspan {

// A group's position in a partition changed. Commits may be left out where newer ones of the same
// group and partition follow: the last one is always told.
struct ObservedCommit {
  std::shared_ptr<const std::string> group;  // one string per group
  TopicPartition partition;                  // of the cluster the feed reads
  std::optional<GroupCommit> commit = {};    // absent: deleted (tombstone, expired)
  // The broker whose clock wrote commit->at: the group's coordinator. Absent: not known.
  std::optional<std::int32_t> coordinator = {};
  // false: found by asking, and commit->at is absent. It was committed between two looks: it was
  // not there at seen_after (absent: there was no look before), and it was at seen_by.
  bool is_exact = true;
  std::optional<TimestampUs> seen_after = {};
  std::optional<TimestampUs> seen_by = {};
  bool is_of_sink = false;  // a sink's own report (sink_report.h): commit->at is of its clock
};

struct GroupSeen {
  std::shared_ptr<const std::string> group;
  GroupState state = GroupState::unknown;
};

// In the order in which it happened, per group and partition.
struct GroupCommits {
  EventSide side = EventSide::target;  // whose cluster's groups they are
  std::vector<ObservedCommit> commits;
  std::vector<GroupSeen> groups;  // whose state changed
  // The first batch of a snapshot, with which a feed begins, and begins anew after a gap. Then all
  // that was known before is void.
  bool is_first = false;
};

}  // namespace longspan
