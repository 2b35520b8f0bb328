// mirror/groups/group_look.h - what the groups of a cluster have committed, found by asking.
//
// Units:   wall-clock times of this process: what is found in a look was committed before
//          `answered_at`; what is not was not committed before `asked_at`.
// Errors:  the cluster does not list its groups. A group that does not answer is in `unanswered`.
// Threads: one; it waits for the cluster, one request for each group.
// Limits:  160 B for each committed partition that is wanted, until the value goes.
// Source:  Kafka ListGroups, OffsetFetch.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <vector>

#include "mirror/admin.h"
#include "mirror/groups/group_names.h"
#include "mirror/ports.h"

namespace longspan {

struct LookedAtGroup {
  GroupName group;
  TimestampUs asked_at;
  TimestampUs answered_at;
  std::map<TopicPartition, Offset> offsets = {};  // those that are wanted
};

struct GroupLook {
  TimestampUs asked_at;   // for the list
  TimestampUs listed_at;  // it came
  std::vector<LookedAtGroup> groups;
  std::map<std::string, GroupState> states;  // of all that are listed and wanted
  std::vector<GroupName> unanswered;         // they may answer later
  std::optional<Error> missing;              // groups may be missing from the list
};

struct LookPorts {
  Admin& admin;
  GroupNames& names;
  const Clock& clock;
  std::function<bool(const TopicPartition&)> wants;
};

// Cut short by `stop`, it answers what it has.
[[nodiscard]] Result<GroupLook> look_at_groups(const LookPorts& ports, const std::stop_token& stop);
// Only these, without listing.
[[nodiscard]] GroupLook look_at_groups(const LookPorts& ports, const std::vector<GroupName>& groups,
                                       const std::stop_token& stop);

}  // namespace longspan
