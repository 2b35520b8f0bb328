// cli/commands/lag_checks.h - `longspan lag --fail-if`: rows that may be beyond a limit.
//
// What cannot be judged fails, too: a flow that does not run, slots on their way, no row.
//
// Threads: a free function; prints to stderr.
#pragma once

#include <vector>

#include "cli/views/lag_condition.h"
#include "cli/views/lag_rows.h"
#include "mirror/snapshot.h"

namespace longspan {

// Tells each failure, up to some, and answers kExitNo, or kExitFine where there is none.
int check_rows(const std::vector<LagCondition>& conditions, LagRowsBy by,
               const ProcessSnapshot& snapshot);

}  // namespace longspan
