// mirror/schemas/framing.h - how a topic's records say which schema they were written with.
//
// Errors:  none.
// Threads: a value.
// Source:  lagcalc/schema_framing.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>

namespace longspan {

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
