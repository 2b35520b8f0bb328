#include "mirror/schemas/schema_pair.h"

#include <optional>

#include "mirror/schemas/plan.h"

namespace longspan {
namespace {

// Registries that leave it out when they are asked by id do not tell it.
bool is_told_otherwise(const std::string& source, const std::string& target) {
  return !source.empty() && !target.empty() && source != target;
}

// All but the references.
std::string own_difference(const Schema& source, const Schema& target) {
  if (source.type != target.type) return "its type is " + target.type + ", not " + source.type;
  if (!is_same_text(source.type, source.text, target.text)) return "its text is another";
  if (is_told_otherwise(source.metadata, target.metadata)) return "its metadata are others";
  if (is_told_otherwise(source.rule_set, target.rule_set)) return "its rules are others";
  return {};
}

std::string text(const SubjectVersion& which) {
  return which.subject.text() + " version " + std::to_string(which.version);
}

}  // namespace

bool SchemaPairs::has_same_references(const PlacedSchema& source,
                                      const PlacedSchema& target) const {
  const auto& ours = source.schema.references;
  const auto& theirs = target.schema.references;
  if (ours.size() != theirs.size()) return false;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const bool is_same =
        ours[i].name == theirs[i].name && ours[i].version == theirs[i].version &&
        rules_.target_subject(referred(ours[i], source.place)) == referred(theirs[i], target.place);
    if (!is_same) return false;
  }
  return true;
}

RegistryResult<std::string> SchemaPairs::difference(const PlacedSchema& source,
                                                    const PlacedSchema& target) {
  if (auto own = own_difference(source.schema, target.schema); !own.empty()) return own;
  return references_differ(source, target);
}

RegistryResult<std::string> SchemaPairs::references_differ(const PlacedSchema& source,
                                                           const PlacedSchema& target) {
  if (!has_same_references(source, target)) return std::string("its references are others");
  for (std::size_t i = 0; i < source.schema.references.size(); ++i) {
    const auto& reference = source.schema.references[i];
    const SubjectVersion ours{referred(reference, source.place), reference.version};
    const SubjectVersion theirs{referred(target.schema.references[i], target.place),
                                reference.version};
    auto differs = version_differs(ours, theirs);
    if (!differs || !differs->empty()) return differs;
  }
  return std::string();
}

// It is noted before what it refers to is looked at: a circle ends there.
RegistryResult<std::string> SchemaPairs::version_differs(const SubjectVersion& source,
                                                         const SubjectVersion& target) {
  const auto [at, is_new] = known_.try_emplace(source);
  if (!is_new) return at->second;
  const auto forget = [&](const RegistryError& error) {
    known_.erase(source);
    return error;
  };
  const auto ours = source_.version(source);
  if (!ours) return forget(ours.error());
  if (!*ours) return std::string();  // the source does not have it either
  const auto theirs = target_.version(target);
  if (!theirs) return forget(theirs.error());
  std::string out;
  if (!*theirs) {
    out = "it refers to " + text(target) + ", which the target does not have";
  } else if (const auto own = own_difference((*ours)->schema, (*theirs)->schema); !own.empty()) {
    out = "it refers to " + text(target) + ", of which " + own;
  } else {
    auto deeper =
        references_differ({(*ours)->schema, source.subject}, {(*theirs)->schema, target.subject});
    if (!deeper) return forget(deeper.error());
    if (!deeper->empty()) out = "it refers to " + text(target) + ": " + *deeper;
  }
  return known_[source] = out;
}

}  // namespace longspan
