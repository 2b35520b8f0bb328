// tests/fuzz/stamps.h - what must hold for any bytes that are taken for a change event: the readers
// of lagcalc/stamps neither crash nor run away, and there is always either a commit time or a
// reason.
//
// Errors:  a broken property aborts (LONGSPAN_ASSERT), which is how a fuzzer notices.
#pragma once

#include <string_view>

namespace longspan::fuzz {

// Bytes are (uint16 size of the schema, little-endian, schema, body).
void check_stamps_avro(std::string_view bytes);
// As a value, and as a header's value.
void check_stamps_json(std::string_view bytes);

}  // namespace longspan::fuzz
