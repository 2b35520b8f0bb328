// mirror/groups/group_names.h - which groups are wanted, and one string for each of them. Those of
// sinks (sink_commits.h) always are.
//
// Errors:  none.
// Threads: one; the strings may be kept and read anywhere.
// Limits:  kNamesMax groups are remembered with their verdict; then it begins anew.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "mirror/topics/name_patterns.h"

namespace longspan {

using GroupName = std::shared_ptr<const std::string>;

class GroupNames {
 public:
  static constexpr std::size_t kNamesMax = 100'000;

  GroupNames(NamePatterns wanted, NamePatterns excluded)
      : wanted_(std::move(wanted)), excluded_(std::move(excluded)) {}

  // nullptr: the group is not wanted.
  [[nodiscard]] GroupName of(const std::string& group);
  void forget(const std::string& group) { names_.erase(group); }

 private:
  const NamePatterns wanted_;
  const NamePatterns excluded_;
  std::unordered_map<std::string, GroupName> names_;
};

}  // namespace longspan
