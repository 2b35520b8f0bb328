// mirror/schemas/schema_pair.h - whether a schema of the source and one of the target are the same,
// with all that they refer to.
//
// Errors:  RegistryError where a registry does not answer about what they refer to.
// Threads: one owner; asks the registries on the caller's thread.
// Owns:    nothing; registries and rules outlive it.
// Limits:  each version that is referred to is asked for once.
#pragma once

#include <map>
#include <string>

#include "mirror/schemas/registry.h"
#include "mirror/schemas/subject_rules.h"

namespace longspan {

// A schema and a subject of the context in which it was found.
struct PlacedSchema {
  Schema schema;
  Subject place;
};

class SchemaPairs {
 public:
  SchemaPairs(Registry& source, Registry& target, const SubjectRules& rules)
      : source_(source), target_(target), rules_(rules) {}

  // What of the two is not the same, one sentence without a full stop; empty: nothing.
  RegistryResult<std::string> difference(const PlacedSchema& source, const PlacedSchema& target);
  // The target's names of what the source's schema refers to are those of the target's schema.
  [[nodiscard]] bool has_same_references(const PlacedSchema& source,
                                         const PlacedSchema& target) const;

 private:
  RegistryResult<std::string> references_differ(const PlacedSchema& source,
                                                const PlacedSchema& target);
  RegistryResult<std::string> version_differs(const SubjectVersion& source,
                                              const SubjectVersion& target);

  Registry& source_;
  Registry& target_;
  const SubjectRules& rules_;
  std::map<SubjectVersion, std::string> known_;  // of the source: what version_differs() answered
};

}  // namespace longspan
