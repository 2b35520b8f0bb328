#include "mirror/schemas/framing.h"

#include <algorithm>

namespace longspan {

std::string_view name(RecordPart part) { return part == RecordPart::key ? "key" : "value"; }

std::optional<SchemaMark> mark_of(RecordPart part, const Headers& headers, std::string_view bytes) {
  const auto header = part == RecordPart::key ? kKeySchemaHeader : kValueSchemaHeader;
  const auto last = std::find_if(headers.rbegin(), headers.rend(),
                                 [&](const Header& each) { return each.name == header; });
  if (last != headers.rend() && last->value) {
    if (const auto mark = read_schema_header(*last->value)) return mark;
  }
  return read_schema_prefix(bytes);
}

}  // namespace longspan
