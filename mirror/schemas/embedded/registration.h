// mirror/schemas/embedded/registration.h - what registering and its neighbours share: is a schema
// known, and what is in its way?
//
// Errors:  the answer that the call then gives.
// Threads: the registry's mutex is held.
// Source:  Confluent Schema Registry: AbstractSchemaRegistry, KafkaSchemaRegistry.register.
#pragma once

#include <string>
#include <vector>

#include "mirror/schemas/embedded/calls.h"
#include "mirror/schemas/embedded/compatibility_level.h"

namespace longspan::embedded {

// The newest version of the subject that is this schema, as it is or populated from the version
// before; null: none.
Result<const StoredVersion*, Answer> look_up(const RegistryState& state, const Subject& subject,
                                             Schema schema, Deleted deleted);

// By the level that holds for the subject; with a compatibility group only against those versions
// that have the same value of it.
[[nodiscard]] std::vector<std::string> reasons_in_way(
    const RegistryState& state, const Subject& subject, const Schema& schema,
    const ParsedSchema& parsed, const std::vector<const StoredVersion*>& earlier);

}  // namespace longspan::embedded
