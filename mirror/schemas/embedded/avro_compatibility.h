// mirror/schemas/embedded/avro_compatibility.h - can data of one Avro schema be read by another?
//
// Avro's schema resolution: names (their last part, or an alias of the reader), promotion of
// numbers, bytes and string, unions branch by branch, records field by field with defaults and
// aliases, symbols of enumerations with the reader's default, sizes of fixed, recursion.
//
// Units:   a path is a JSON pointer into the reader's schema; in a union of the writer its branch.
// Errors:  none; what stands in the way is the answer, in the order of the reader's schema.
// Threads: free functions.
// Source:  Avro 1.12 specification, "Schema Resolution"; org.apache.avro.SchemaCompatibility;
//          Confluent's words for it: io.confluent.kafka.schemaregistry.avro.SchemaDifference.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mirror/schemas/embedded/avro_schema.h"

namespace longspan::embedded {

struct Incompatibility {
  enum class Kind : std::uint8_t {
    name_mismatch,
    fixed_size_mismatch,
    missing_enum_symbols,
    reader_field_missing_default_value,
    type_mismatch,
    missing_union_branch,
  };
  Kind kind = Kind::type_mismatch;
  std::string path;     // "/fields/3/type"
  std::string message;  // the name of the field, "expected: 4, found: 8", ...
};

// Empty: every datum of `writer` can be read with `reader`.
[[nodiscard]] std::vector<Incompatibility> incompatibilities(const AvroType& reader,
                                                             const AvroType& writer);

// As Confluent words it: "{errorType:'TYPE_MISMATCH', description:'...', additionalInfo:'...'}";
// `reader` and `writer` are "new" and "old", or the other way round.
[[nodiscard]] std::string incompatibility_text(const Incompatibility& found,
                                               std::string_view reader, std::string_view writer);

}  // namespace longspan::embedded
