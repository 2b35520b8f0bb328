// mirror/schemas/id_bounds.h - how many ids a registry had given out at a moment: whoever registers
// later is behind them, also while the subjects are being read.
//
// Errors:  none; a context is left out where the registry does not tell, or does not answer.
// Limits:  a list of subjects, and kSubjectsAsked a context, three requests each.
// Threads: a free function; waits.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "mirror/schemas/inventory.h"
#include "mirror/schemas/registry.h"

namespace longspan {

inline constexpr int kSubjectsAsked = 3;  // while one after the other does not say

// By context of the subjects that `wants` names.
[[nodiscard]] std::map<std::string, std::int32_t> id_bounds(Registry& registry,
                                                            const SubjectChoice& wants);

}  // namespace longspan
