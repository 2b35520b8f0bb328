// cli/views/lag_screen.h - a flow on one screen: `longspan lag`.
//
// A line about the flow, one that says why it is late, a row a topic with how late it is up to the
// target and up to its slowest sink; below what is wrong with clocks, connectors, groups and
// objectives. What is not known is "?", with the reason below; "-" is what is not there.
//
// Errors:  none.
// Threads: a pure function.
#pragma once

#include <optional>
#include <string>

#include "cli/views/lag_rows.h"
#include "cli/views/lag_trend.h"
#include "cli/views/text_table.h"

namespace longspan {

struct LagScreenSettings {
  LagRowsBy rows = LagRowsBy::topic;
  std::optional<LagColumn> by{};     // absent: parked first, then by lag
  std::optional<std::size_t> top{};  // rows; absent: kScreenRowsMax on a terminal, else all
  const LagTrend* trend = nullptr;   // what went before, of --watch; outlives the call
};
inline constexpr std::size_t kScreenRowsMax = 30;

[[nodiscard]] std::string lag_screen(const FlowSnapshot& flow, const LagScreenSettings& settings,
                                     const TableStyle& style);

}  // namespace longspan
