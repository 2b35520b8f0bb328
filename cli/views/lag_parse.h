// cli/views/lag_parse.h - the JSON of cli/views/lag_json.h back as a value: `longspan lag --url`.
//
// All that the JSON says comes back, histograms in full.
//
// Errors:  a text that is not JSON, has another version, lacks a member that is always there, or
//          has one of the wrong type is one Error that names the place: "flows[0].partitions[3].
//          partition". Members and event kinds that this program does not know are passed over.
// Limits:  kLagJsonMax bytes.
// Threads: a pure function.
#pragma once

#include <cstddef>
#include <string_view>

#include "lagcalc/result.h"
#include "mirror/snapshot.h"

namespace longspan {

inline constexpr std::size_t kLagJsonMax = std::size_t{256} << 20;

[[nodiscard]] Result<ProcessSnapshot> lag_from_json(std::string_view text);

}  // namespace longspan
