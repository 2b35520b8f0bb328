// cli/views/positions_table.h - translated positions: `longspan offsets translate`.
//
// JSON, version 1: {"version": 1, "flow", "reverse", "positions": [{"source_topic", "partition",
// "source_offset", "target_topic", "target_offset", "kind", "reason"}]}; an offset that could not
// be translated is absent and "reason" says why.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/views/text_table.h"
#include "lagcalc/offset_map.h"
#include "mirror/groups/translate.h"

namespace longspan {

enum class Direction : std::uint8_t { to_target, to_source };

struct ShownPositions {
  std::string flow;
  Direction direction = Direction::to_target;
  std::vector<TranslatedPosition> positions;
};

[[nodiscard]] std::string_view exactness_name(Exactness exactness);
[[nodiscard]] std::string positions_table(const ShownPositions& shown, const TableStyle& style);
[[nodiscard]] std::string positions_json(const ShownPositions& shown);

}  // namespace longspan
