// lagcalc/why/diagnose.h - why is this flow late?
//
// Every rule of kCauseTable is asked. What one cause explains of what others say stands behind it:
// a source that is away explains a connector without heartbeats, an open transaction the lag behind
// it. Of what is explained by a slot that moves the severity is that of the move. Then the more
// severe comes first, then the earlier in the table.
//
// Errors:  none. A cause whose facts are not known is in `unknown`, and nothing is claimed of it.
// Threads: a pure function.
// Limits:  kPerCauseMax of each cause.
#pragma once

#include "lagcalc/why/diagnosis.h"
#include "lagcalc/why/facts.h"

namespace longspan {

[[nodiscard]] Diagnoses diagnose(const FlowFacts& facts);
// What two have found who look at one flow, each knowing other facts of it: everything that either
// has found, once, `first`'s words where both have; unknown is what is so to both. That it keeps up
// is left out where one of them has found more than what is only for information.
[[nodiscard]] Diagnoses merged(const Diagnoses& first, const Diagnoses& second);
// Whether `root` is a reason for `symptom`, where both are about the same thing.
[[nodiscard]] bool explains(Cause root, Cause symptom);

}  // namespace longspan
