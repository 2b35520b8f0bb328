// mirror/schemas/target_watch.h - whether the target's registry still holds what it was given: one
// that was emptied, or came back empty, is to be filled again by a full comparison.
//
// One version that the target held is watched, from one full comparison to the next. A pass over
// some subjects puts them there again whatever has become of the others: it must not move the watch
// to what it has just written, and where it was about to write the watched version again it tells.
//
// Errors:  a registry that does not answer.
// Threads: one owner.
// Source:  ARCHITECTURE.md, "Schemas".
#pragma once

#include <optional>
#include <set>

#include "mirror/schemas/inventory.h"
#include "mirror/schemas/plan.h"
#include "mirror/schemas/registry.h"
#include "mirror/schemas/sync.h"

namespace longspan {

class TargetWatch {
 public:
  explicit TargetWatch(Registry& target) : registry_(target) {}

  void forget() { watched_.reset(); }
  // After a pass over the target's `subjects`: where nothing is watched as yet, what was there
  // before it is, or else what came first in it.
  void saw(const std::set<Subject>& subjects, const Inventory& before, const SchemaPlan& plan,
           const SyncOutcome& outcome);
  // By what a pass read of `subjects`.
  [[nodiscard]] bool is_gone(const std::set<Subject>& subjects, const Inventory& read) const;
  // By one request; false while nothing is watched.
  RegistryResult<bool> is_gone();

 private:
  Registry& registry_;
  std::optional<SubjectVersion> watched_;
};

}  // namespace longspan
