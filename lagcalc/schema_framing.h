// lagcalc/schema_framing.h - which schema the bytes of a key or value say they were written with.
//
//   00 + id        4 bytes, big-endian, then the payload
//   01 + GUID      16 bytes, then the payload
//   header __key_schema_id or __value_schema_id: either of these, and the payload has no prefix
//
// A leading zero proves nothing: any payload may begin so. What is read here is what the bytes say
// if they are framed; whether a topic's are is for a registry that knows the ids to tell.
//
// Units:   an id is positive.
// Errors:  none; what is too short, null or has another first byte says nothing.
// Threads: pure functions.
// Source:  Confluent's serializers, schema/id/SchemaId, PrefixSchemaIdSerializer,
//          HeaderSchemaIdSerializer, DualSchemaIdDeserializer.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace longspan {

inline constexpr std::string_view kKeySchemaHeader = "__key_schema_id";
inline constexpr std::string_view kValueSchemaHeader = "__value_schema_id";

struct SchemaGuid {
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const SchemaGuid&, const SchemaGuid&) = default;

  [[nodiscard]] std::string text() const;  // "a9e1f9e6-3f5c-4f0e-8d38-2b7d1a6a0c11"
};

struct SchemaMark {
  std::variant<std::int32_t, SchemaGuid> which;
  bool is_in_header = false;
  friend auto operator<=>(const SchemaMark&, const SchemaMark&) = default;
};

// Where the mark stands, and what it is; a header may hold either.
enum class SchemaFraming : std::uint8_t { prefix_id, prefix_guid, header };
inline constexpr std::array kSchemaFramings = {SchemaFraming::prefix_id, SchemaFraming::prefix_guid,
                                               SchemaFraming::header};
[[nodiscard]] SchemaFraming framing_of(const SchemaMark& mark);
[[nodiscard]] std::string_view name(SchemaFraming framing);  // "prefix_id"

// The id in a payload's first bytes; 0: there is none.
[[nodiscard]] inline std::int32_t schema_id(std::string_view payload) {
  if (payload.size() < 5 || payload[0] != 0) return 0;
  std::uint32_t id = 0;
  for (std::size_t i = 1; i < 5; ++i) id = id << 8 | static_cast<std::uint8_t>(payload[i]);
  return id > INT32_MAX ? 0 : static_cast<std::int32_t>(id);
}

// Of a payload's first bytes.
[[nodiscard]] std::optional<SchemaMark> read_schema_prefix(std::string_view payload);
// Of the header's value; of several headers of the name the last one counts.
[[nodiscard]] std::optional<SchemaMark> read_schema_header(std::string_view value);

}  // namespace longspan
