// lagcalc/histogram_difference.h - what was recorded between two looks at one histogram.
//
// Errors:  absent unless every count of `later` is at least that of `earlier`: it began anew in
//          between, and what was recorded is not known.
// Threads: a pure function.
// Invariant: exact: `earlier`, merged with the difference, is `later`.
#pragma once

#include <optional>

#include "lagcalc/histogram.h"

namespace longspan {

[[nodiscard]] std::optional<Histogram> difference(const Histogram& later, const Histogram& earlier);

}  // namespace longspan
