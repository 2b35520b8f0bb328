// cli/views/lag_table.h - a flow's snapshot as a table: `longspan lag`.
//
// A line about the flow, then one row per topic or per partition, the worst first. What is not
// known is "?", with the reason below; "-" stands where a catch-up time does not exist because the
// mirror is not faster than the source.
//
// Errors:  none.
// Threads: a pure function.
#pragma once

#include <cstdint>
#include <string>

#include "cli/views/text_table.h"
#include "mirror/snapshot.h"

namespace longspan {

enum class LagRows : std::uint8_t {
  fitting,  // per partition up to kFewPartitions of them, else per topic
  topics,
  partitions,
};
inline constexpr std::size_t kFewPartitions = 12;

[[nodiscard]] std::string lag_table(const FlowSnapshot& flow, LagRows rows,
                                    const TableStyle& style);

}  // namespace longspan
