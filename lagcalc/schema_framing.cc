#include "lagcalc/schema_framing.h"

#include <algorithm>
#include <cstddef>

namespace longspan {
namespace {

constexpr std::size_t kGuidBytes = 17;  // with the first byte

}  // namespace

std::string SchemaGuid::text() const {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += kDigits[bytes[i] >> 4];
    out += kDigits[bytes[i] & 15];
  }
  return out;
}

SchemaFraming framing_of(const SchemaMark& mark) {
  if (mark.is_in_header) return SchemaFraming::header;
  const bool is_id = std::holds_alternative<std::int32_t>(mark.which);
  return is_id ? SchemaFraming::prefix_id : SchemaFraming::prefix_guid;
}

std::string_view name(SchemaFraming framing) {
  switch (framing) {
    case SchemaFraming::prefix_id:
      return "prefix_id";
    case SchemaFraming::prefix_guid:
      return "prefix_guid";
    case SchemaFraming::header:
      return "header";
  }
  return "";
}

std::optional<SchemaMark> read_schema_prefix(std::string_view payload) {
  if (const auto id = schema_id(payload); id != 0) return SchemaMark{id};
  if (payload.size() < kGuidBytes || payload[0] != 1) return std::nullopt;
  SchemaGuid guid;
  std::transform(payload.begin() + 1, payload.begin() + kGuidBytes, guid.bytes.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return SchemaMark{guid};
}

std::optional<SchemaMark> read_schema_header(std::string_view value) {
  auto mark = read_schema_prefix(value);
  if (mark) mark->is_in_header = true;
  return mark;
}

}  // namespace longspan
