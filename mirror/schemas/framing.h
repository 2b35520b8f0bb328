// mirror/schemas/framing.h - how a topic's records say which schema they were written with.
//
// Errors:  none.
// Threads: values and pure functions.
// Source:  lagcalc/schema_framing.h; Confluent's DualSchemaIdDeserializer: the header first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

#include "lagcalc/schema_framing.h"
#include "mirror/record.h"

namespace longspan {

enum class RecordPart : std::uint8_t { key, value };
inline constexpr std::array kRecordParts = {RecordPart::key, RecordPart::value};
[[nodiscard]] std::string_view name(RecordPart part);

// Of `headers` the last of its name, where it can be read; else what `bytes` begin with.
[[nodiscard]] std::optional<SchemaMark> mark_of(RecordPart part, const Headers& headers,
                                                std::string_view bytes);

// Of keys and values, as far as was seen.
struct TopicFraming {
  static constexpr std::size_t kIdsMax = 1'000;

  std::set<std::int32_t> ids;  // that the target's registry knows, at most kIdsMax
  bool has_id_prefix = false;
  bool has_guid_prefix = false;
  bool has_header = false;

  void add(const TopicFraming& other) {
    for (const auto id : other.ids) {
      if (ids.size() < kIdsMax) ids.insert(id);
    }
    has_id_prefix = has_id_prefix || other.has_id_prefix;
    has_guid_prefix = has_guid_prefix || other.has_guid_prefix;
    has_header = has_header || other.has_header;
  }
};

}  // namespace longspan
