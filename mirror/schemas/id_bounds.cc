#include "mirror/schemas/id_bounds.h"

#include <optional>

namespace longspan {
namespace {

// Registries tell it only beside an id that they know.
std::optional<std::int32_t> highest_beside(Registry& registry, const Subject& subject) {
  const auto versions = registry.versions(subject, true);
  if (!versions || versions->empty()) return std::nullopt;
  const auto version = registry.version({subject, versions->front()});
  if (!version || !*version) return std::nullopt;
  const auto highest = registry.max_id((*version)->id, subject);
  return highest ? *highest : std::nullopt;
}

}  // namespace

std::map<std::string, std::int32_t> id_bounds(Registry& registry, const SubjectChoice& wants) {
  std::map<std::string, std::int32_t> out;
  const auto subjects = registry.subjects(true);
  if (!subjects) return out;
  std::map<std::string, int> asked;
  for (const auto& subject : *subjects) {
    const std::string& context = subject.context;
    if (!wants(subject) || out.contains(context) || asked[context]++ >= kSubjectsAsked) continue;
    if (const auto highest = highest_beside(registry, subject)) out[context] = *highest;
  }
  return out;
}

}  // namespace longspan
