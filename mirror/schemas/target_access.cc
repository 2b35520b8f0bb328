#include "mirror/schemas/target_access.h"

#include <utility>

#include "mirror/schemas/difference_words.h"
#include "mirror/schemas/renamed_references.h"

namespace longspan {

std::string_view words_of(Closed closed) {
  return closed == Closed::foreign ? ", and its subject is somebody else's there"
                                   : ", and its mode there lets nobody write";
}

std::optional<Closed> TargetAccess::closed(const Names& names,
                                           const InventorySubject& source) const {
  if (is_read_only(mode_in_force(target_, names.target).mode)) return Closed::read_only;
  return is_foreign(names, source) ? std::optional(Closed::foreign) : std::nullopt;
}

bool TargetAccess::wait_for_mode(const Subject& named) {
  auto [mode, scope] = mode_in_force(target_, named);
  if (!is_read_only(mode)) return false;
  auto& waiting = waiting_[scope];
  waiting.mode = std::move(mode);
  waiting.subjects.insert(named);
  return true;
}

std::vector<SchemaDifference> TargetAccess::waiting() const {
  std::vector<SchemaDifference> out;
  for (const auto& [scope, waiting] : waiting_) {
    out.push_back({DifferenceKind::read_only, scope, 0, 0,
                   read_only_words(scope, waiting.mode, waiting.subjects.size()), false});
  }
  return out;
}

// Others write to it: put into IMPORT it would refuse them. In IMPORT it may be another flow's.
// What was deleted is nobody's.
bool TargetAccess::is_foreign(const Names& names, const InventorySubject& source) const {
  const auto there = target_.subjects.find(names.target);
  if (there == target_.subjects.end()) return false;
  for (const auto& [number, version] : there->second.versions) {
    if (version.is_deleted) continue;
    const auto found = source.versions.find(number);
    if (found == source.versions.end()) {
      if (there->second.mode != kImportMode) return true;
      continue;
    }
    const auto schema =
        with_target_names(found->second.schema, names.source, names.target, rename_);
    if (version.schema != schema || version.id != found->second.id) return true;
  }
  return false;
}

}  // namespace longspan
