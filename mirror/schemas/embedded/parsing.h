// mirror/schemas/embedded/parsing.h - what was posted as a schema, understood and brought to the
// form that is kept.
//
// AVRO and JSON texts are kept without the white space between their tokens, as Confluent keeps
// them; unlike there, attributes stay in the order they have. PROTOBUF is kept as it is.
//
// Errors:  42201 with the reason: no such type, malformed, a name or a reference that is not there.
// Threads: free functions.
// Source:  Confluent Schema Registry: AvroSchemaProvider, AbstractSchemaProvider.resolveReferences.
#pragma once

#include <string>
#include <vector>

#include "lagcalc/result.h"
#include "mirror/schemas/embedded/compatibility_level.h"
#include "mirror/schemas/embedded/request.h"
#include "mirror/schemas/embedded/schema_store.h"

namespace longspan::embedded {

// Puts the kept form into `schema.text`. References may be to soft-deleted versions.
Result<ParsedSchema, Answer> understand(const SchemaStore& store, const std::string& context,
                                        Schema& schema, Defaults defaults);
// Of what is stored: understood once before.
[[nodiscard]] ParsedVersion understood(const SchemaStore& store, const StoredVersion& stored);

[[nodiscard]] bool is_blank(const std::string& text);

}  // namespace longspan::embedded
