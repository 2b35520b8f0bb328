// cli/views/events_parse.h - the JSON of cli/views/events_json.h back as values.
//
// Errors:  a text that is not such JSON, or of another version, is one Error. Events of a kind this
//          program does not know are left out.
// Threads: a pure function.
#pragma once

#include <string_view>
#include <vector>

#include "cli/views/events_json.h"
#include "lagcalc/result.h"

namespace longspan {

[[nodiscard]] Result<std::vector<ShownEvent>> events_from_json(std::string_view text);

}  // namespace longspan
