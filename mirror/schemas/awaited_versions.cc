#include "mirror/schemas/awaited_versions.h"

#include <iterator>

namespace longspan {

void AwaitedVersions::saw(const Inventory& source, const SubjectChoice& wants) {
  for (auto at = tries_.begin(); at != tries_.end();) {
    const auto& which = at->first;
    const bool is_read = which.version == 0 ? !source.troubles.contains(which.subject)
                                            : source.find(which) != nullptr;
    const bool is_over = wants(which.subject) && (is_read || --at->second <= 0);
    at = is_over ? tries_.erase(at) : std::next(at);
  }
}

std::set<Subject> AwaitedVersions::subjects() const {
  std::set<Subject> out;
  for (const auto& [which, left] : tries_) out.insert(which.subject);
  return out;
}

}  // namespace longspan
