// mirror/groups/polled_commits.h - what changed from one look at the groups to the next.
//
// Errors:  none. A group that did not answer keeps what was known of it.
// Threads: one.
// Limits:  160 B for each committed partition that is wanted.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "mirror/groups/group_commits.h"
#include "mirror/groups/group_look.h"

namespace longspan {

class PolledCommits {
 public:
  using Tell = std::function<void(ObservedCommit)>;

  void take(GroupLook& look, const Tell& tell);
  // Other partitions are wanted from now on: in the next look some are for the first time.
  void change(const std::function<bool(const TopicPartition&)>& wants);
  void clear() { *this = {}; }

 private:
  struct Known {
    GroupName group;
    std::optional<TimestampUs> asked_at;  // absent: not for all partitions that are wanted
    std::map<TopicPartition, Offset> offsets;
    bool is_missing = false;  // from the last list
  };
  static void compare(Known& before, LookedAtGroup& now, const Tell& tell);

  std::map<std::string, Known> known_;
  std::optional<TimestampUs> listed_;  // who is not known was not listed then
};

}  // namespace longspan
