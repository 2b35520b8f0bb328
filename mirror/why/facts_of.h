// mirror/why/facts_of.h - the facts of lagcalc/why/facts.h, out of what is known of a flow.
//
// Errors:  none. What the snapshot does not know is absent.
// Threads: pure functions.
#pragma once

#include "lagcalc/why/facts.h"
#include "mirror/snapshot.h"

namespace longspan {

[[nodiscard]] FlowFacts facts_of(const FlowSnapshot& flow);
// Fills `flow.why`, of all that stands in the snapshot.
void add_why(FlowSnapshot& flow);

}  // namespace longspan
