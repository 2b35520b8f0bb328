// mirror/schemas/difference_words.h - what kinds of differences are called, where one explains
// another. Names: plan.h.
//
// Errors:  none.
// Threads: pure functions.
#pragma once

#include <string_view>

#include "mirror/schemas/plan.h"

namespace longspan {

// Of a version that does not stand on the target as it does at the source, as its referrers see it.
[[nodiscard]] std::string_view as_referred_to(DifferenceKind kind);

}  // namespace longspan
