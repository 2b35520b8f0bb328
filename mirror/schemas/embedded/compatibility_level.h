// mirror/schemas/embedded/compatibility_level.h - which earlier versions a new one must go with.
//
// Only AVRO is compared. JSON and PROTOBUF schemas are kept and served, and every two of one type
// are called compatible: their rules are not written here.
//
// Errors:  none; what stands in the way is the answer, in Confluent's words.
// Threads: free functions.
// Source:  Confluent Schema Registry: CompatibilityLevel, CompatibilityChecker.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mirror/schemas/embedded/avro_schema.h"

namespace longspan::embedded {

enum class CompatibilityLevel : std::uint8_t {
  none,
  backward,
  backward_transitive,
  forward,
  forward_transitive,
  full,
  full_transitive,
};

// "FULL_TRANSITIVE", in any case; absent: no such level.
[[nodiscard]] std::optional<CompatibilityLevel> parse_level(std::string_view text);
[[nodiscard]] std::string_view level_text(CompatibilityLevel level);

struct ParsedSchema {
  std::string type;  // AVRO, JSON, PROTOBUF
  std::string text;
  std::optional<AvroSchema> avro;  // present with AVRO
};

struct ParsedVersion {
  std::int32_t version = 0;
  ParsedSchema schema;
};

// `earlier` is ascending. Empty: compatible. After the reasons come the version and the text of
// the earlier schema, and the level; only the newest version that is in the way is told.
[[nodiscard]] std::vector<std::string> reasons_against(CompatibilityLevel level,
                                                       const ParsedSchema& schema,
                                                       std::span<const ParsedVersion> earlier);

}  // namespace longspan::embedded
