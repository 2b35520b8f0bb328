#include "mirror/groups/group_look.h"

#include <utility>

namespace longspan {

GroupLook look_at_groups(const LookPorts& ports, const std::vector<GroupName>& groups,
                         const std::stop_token& stop) {
  GroupLook look;
  for (const auto& group : groups) {
    if (stop.stop_requested()) break;
    LookedAtGroup looked{group, ports.clock.now_us(), {}, {}};
    auto offsets = ports.admin.group_offsets(*group);
    if (!offsets) {
      if (offsets.error().next == Next::retry) look.unanswered.push_back(group);
      continue;
    }
    looked.answered_at = ports.clock.now_us();
    std::erase_if(*offsets, [&](const auto& at) { return !ports.wants(at.first); });
    looked.offsets = std::move(*offsets);
    look.groups.push_back(std::move(looked));
  }
  return look;
}

Result<GroupLook> look_at_groups(const LookPorts& ports, const std::stop_token& stop) {
  const auto asked_at = ports.clock.now_us();
  auto listing = ports.admin.list_groups();
  if (!listing) return listing.error();
  const auto listed_at = ports.clock.now_us();
  std::vector<GroupName> groups;
  std::map<std::string, GroupState> states;
  for (const auto& [name, state] : listing->groups) {
    auto group = ports.names.of(name);
    if (!group) continue;
    states.emplace(name, state);
    groups.push_back(std::move(group));
  }
  auto look = look_at_groups(ports, groups, stop);
  look.asked_at = asked_at;
  look.listed_at = listed_at;
  look.states = std::move(states);
  look.missing = std::move(listing->error);
  return look;
}

}  // namespace longspan
