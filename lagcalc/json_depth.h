// lagcalc/json_depth.h - whether a text of JSON may be given to a parser that builds a tree.
//
// Errors:  none. Of what is no JSON the answer does not matter: it does not parse.
// Threads: pure function.
#pragma once

#include <string_view>

namespace longspan {

// Brackets stand within each other no deeper than that: some of what is done with the tree is
// recursive, and a callback of the parser would take as long as the parser.
[[nodiscard]] bool is_shallow(std::string_view json, int depth_max);

}  // namespace longspan
