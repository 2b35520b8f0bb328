// mirror/schemas/step_order.h - steps of one round that wait for each other: which of them can ever
// begin, and the round without some.
//
// Errors:  none.
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <set>
#include <vector>

#include "mirror/schemas/plan.h"

namespace longspan {

// Those in a circle, and those behind one.
[[nodiscard]] std::set<std::size_t> stuck_steps(const std::vector<SchemaStep>& steps);

// Whoever waits for one of `removed` waits no longer. The answer is where each step stands now; of
// those removed it means nothing.
[[nodiscard]] std::vector<std::size_t> remove_steps(std::vector<SchemaStep>& steps,
                                                    const std::set<std::size_t>& removed);

}  // namespace longspan
