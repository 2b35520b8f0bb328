// mirror/refusal.h - what a person is told of a record that the target refuses.
//
// Threads: pure functions.
#pragma once

#include "lagcalc/result.h"
#include "mirror/partition.h"

namespace longspan {

// It was refused with others in flight: which one it was shows when they go alone.
[[nodiscard]] bool hides_one(const Partition& p, const Error& error);
// Which record it is and the ways out, where the only one in flight was refused. Anything else
// stays as it is. A command in it names the flow's file as FILE.
[[nodiscard]] Error with_ways_out(const Error& error, const Partition& p);

}  // namespace longspan
