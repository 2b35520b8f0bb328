// mirror/schemas/awaited_versions.h - versions of the source that are known to be there, and were
// not in what was read: a follower answered that is behind, or nobody did.
//
// Errors:  none; one that never comes was deleted for good meanwhile, and is given up.
// Limits:  kTries readings of each.
// Threads: one owner.
#pragma once

#include <map>
#include <set>

#include "mirror/schemas/inventory.h"
#include "mirror/schemas/registry.h"

namespace longspan {

class AwaitedVersions {
 public:
  static constexpr int kTries = 10;  // a tick each; then a full comparison finds it

  // Version 0: the subject as a whole.
  void add(const SubjectVersion& which) { tries_.try_emplace(which, kTries); }
  void clear() { tries_.clear(); }
  // Of what was read, those that `wants` names: what is there is awaited no more.
  void saw(const Inventory& source, const SubjectChoice& wants);
  [[nodiscard]] std::set<Subject> subjects() const;

 private:
  std::map<SubjectVersion, int> tries_;  // that are left
};

}  // namespace longspan
