#include "mirror/schemas/target_watch.h"

#include <algorithm>

namespace longspan {

void TargetWatch::saw(const std::set<Subject>& subjects, const Inventory& before,
                      const SchemaPlan& plan, const SyncOutcome& outcome) {
  if (watched_) return;
  for (const auto& [subject, entry] : before.subjects) {
    if (!subjects.contains(subject) || entry.versions.empty()) continue;
    watched_ = {subject, entry.versions.begin()->first};
    return;
  }
  if (!outcome.is_whole()) return;
  const auto first = std::ranges::find(plan.imports, StepKind::import_version, &SchemaStep::kind);
  if (first != plan.imports.end()) watched_ = {first->what.subject, first->what.version};
}

bool TargetWatch::is_gone(const std::set<Subject>& subjects, const Inventory& read) const {
  return watched_ && subjects.contains(watched_->subject) &&
         !read.troubles.contains(watched_->subject) && read.find(*watched_) == nullptr;
}

RegistryResult<bool> TargetWatch::is_gone() {
  if (!watched_) return false;
  const auto versions = registry_.versions(watched_->subject, true);
  if (!versions) return versions.error();
  return !std::ranges::binary_search(*versions, watched_->version);
}

}  // namespace longspan
