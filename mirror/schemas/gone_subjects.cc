#include "mirror/schemas/gone_subjects.h"

#include <mutex>
#include <string>
#include <vector>

#include "mirror/schemas/handover.h"
#include "mirror/schemas/workers.h"

namespace longspan {
namespace {

// Names of the target that the source's inventory accounts for.
std::set<Subject> accounted_for(const SubjectRules& rules, const Inventory& of_source) {
  std::set<Subject> out;
  for (const auto& [subject, entry] : of_source.subjects) out.insert(rules.target_subject(subject));
  for (const auto& [subject, error] : of_source.troubles) out.insert(rules.target_subject(subject));
  return out;
}

// Empty: the source has no version of any of them.
std::string doubt(Registry& source, const std::vector<Subject>& origins) {
  if (origins.empty()) return "it is not known what it was called at the source";
  for (const auto& origin : origins) {
    const auto versions = source.versions(origin, true);
    if (!versions) {
      return "the source does not answer about " + origin.text() + ": " + versions.error().text();
    }
    if (!versions->empty()) {
      return "the source has " + origin.text() +
             " and leaves it out of its list of subjects: the list is cut off, or its rights do "
             "not show it";
    }
  }
  return {};
}

}  // namespace

GoneSubjects find_gone(Registry& source, const SubjectRules& rules, const Inventory& of_source,
                       const Inventory& of_target) {
  const auto known = accounted_for(rules, of_source);
  std::set<std::string> contexts;
  for (const auto& [subject, entry] : of_source.subjects) contexts.insert(subject.context);
  std::vector<Subject> candidates;
  for (const auto& [subject, entry] : of_target.subjects) {
    const bool may_be = entry.mode == kImportMode && subject.name != kReservedSubject &&
                        rules.writes(subject) && !known.contains(subject);
    if (may_be) candidates.push_back(subject);
  }
  GoneSubjects out;
  for (const auto& [subject, error] : of_target.troubles) {
    const bool may_be = rules.is_named_after_source(subject) && !known.contains(subject);
    if (may_be) out.unsure[subject] = "the target does not answer: " + error.text();
  }
  if (candidates.empty()) return out;
  const auto ours = mirrored_subjects({rules, &of_source, of_target, {}});
  std::mutex mutex;  // over out
  for_each_at_once(candidates.size(), kRequestsAtOnce, [&](std::size_t i) {
    const auto why = doubt(source, rules.origins_of(candidates[i], contexts));
    const std::lock_guard lock(mutex);
    if (!why.empty()) {
      out.unsure[candidates[i]] = why;
    } else {
      (ours.contains(candidates[i]) ? out.gone : out.alien).insert(candidates[i]);
    }
  });
  return out;
}

}  // namespace longspan
