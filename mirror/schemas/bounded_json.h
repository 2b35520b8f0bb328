// mirror/schemas/bounded_json.h - JSON that strangers wrote.
//
// Errors:  a text that is not JSON, is not UTF-8 or nests too deep gives a discarded value, for
//          which is_discarded() holds.
// Limits:  kJsonDepthMax: what nlohmann-json does by recursion (dump(), copies) stays on the stack.
// Threads: free functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace longspan {

inline constexpr int kJsonDepthMax = 100;

[[nodiscard]] nlohmann::json parse_bounded(std::string_view text);

}  // namespace longspan
