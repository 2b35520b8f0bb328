#include "cli/commands/lag_checks.h"

#include <cstdio>
#include <string>

#include "cli/exit_code.h"

namespace longspan {

int check_rows(const std::vector<LagCondition>& conditions, LagRowsBy by,
               const ProcessSnapshot& snapshot) {
  constexpr int kToldMax = 20;
  int failures = 0;
  const auto tell = [&](const std::string& what) {
    if (++failures <= kToldMax) std::fprintf(stderr, "longspan: %s\n", what.c_str());
  };
  for (const auto& flow : snapshot.flows) {
    if (!flow.running) tell(flow.flow + " does not run");
    if (flow.lost_partitions.value_or(0) > 0 || flow.moving_slots.value_or(0) > 0) {
      tell(flow.flow + " has slots that are on their way: what they hold is not known");
    }
    for (const auto& topic : flow.topics) {
      if (!topic.reason.empty()) tell(flow.flow + " " + topic.source + " is not mirrored");
    }
    const auto rows = lag_rows(flow, by);
    if (rows.empty()) tell(flow.flow + " shows no row");
    for (const LagCondition& condition : conditions) {
      for (const LagRow& row : rows) {
        if (const auto why = failure_of(condition, row)) {
          tell(flow.flow + " " + *why + " (" + condition.text + ")");
        }
      }
    }
  }
  if (failures > kToldMax) std::fprintf(stderr, "longspan: and %d more\n", failures - kToldMax);
  return failures > 0 ? kExitNo : kExitFine;
}

}  // namespace longspan
