// mirror/schemas/embedded/avro_default.h - whether a JSON value can be the default of a field.
//
// Errors:  none; what is not JSON is no default.
// Threads: free functions.
// Source:  Avro 1.12 specification, "Complex Types", default;
// org.apache.avro.Schema.isValidDefault.
#pragma once

#include <string>

#include "mirror/schemas/embedded/avro_schema.h"

namespace longspan::embedded {

// Of a choice any branch may be the one that the default is of.
[[nodiscard]] bool is_default_of(const AvroType& type, const std::string& json);

}  // namespace longspan::embedded
