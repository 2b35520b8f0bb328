// mirror/schemas/embedded/metadata.h - metadata and rule sets as a registry keeps them.
//
// Both are JSON texts with sorted keys, empty members left out, sets sorted, and of a rule the
// defaults filled in: so equal ones are equal texts, and have one GUID.
//
// Errors:  one sentence in Error::what; an invalid rule set is the registry's 42210.
// Threads: free functions.
// Source:  Confluent Schema Registry: entities/Metadata, RuleSet, Rule; maybeSetMetadataRuleSet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lagcalc/result.h"
#include "mirror/schemas/schema.h"

namespace longspan::embedded {

// Of JSON objects.
[[nodiscard]] std::string kept_metadata(const std::string& json);
Result<std::string> kept_rule_set(const std::string& json);

// One of the metadata's properties; absent: none of this name, or no metadata.
[[nodiscard]] std::optional<std::string> metadata_property(const std::string& metadata,
                                                           const std::string& name);
// The same schema without the property confluent:version, which a registration may have added.
[[nodiscard]] Schema without_version(const Schema& schema);

// Outside of imports a schema without metadata or rules takes those of the version before, and what
// the config wants for all: defaults below, overrides above. With a version that was asked for, or
// one in the metadata, confluent:version says `version`.
struct Population {
  std::string config;                   // the config in scope
  const Schema* previous = nullptr;     // may be null
  std::optional<std::int32_t> version;  // absent: none is to be said
  bool is_version_asked = false;
};
void populate(Schema& schema, const Population& from);
// The config has defaults or overrides, so that a schema is not known before it is populated.
[[nodiscard]] bool has_defaults(const std::string& config);

}  // namespace longspan::embedded
