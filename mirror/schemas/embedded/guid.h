// mirror/schemas/embedded/guid.h - the GUID of a schema: the same in every registry that keeps all
// of it.
//
// Errors:  none; metadata and rule sets are JSON as metadata.h makes them.
// Threads: free functions.
// Source:  Confluent Schema Registry: MD5 of the text, the references, the metadata and the rule
//          set (Schema.updateHash and those of its parts), as a UUID.
#pragma once

#include <string>

#include "mirror/schemas/schema.h"

namespace longspan::embedded {

[[nodiscard]] std::string guid_of(const Schema& schema);

}  // namespace longspan::embedded
