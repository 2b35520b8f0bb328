// cli/views/events_table.h - events as lines for people: `longspan events`.
//
// Threads: a pure function.
#pragma once

#include <string>
#include <vector>

#include "cli/views/events_json.h"
#include "cli/views/text_table.h"

namespace longspan {

// In the order given.
[[nodiscard]] std::string events_table(const std::vector<ShownEvent>& events,
                                       const TableStyle& style);

}  // namespace longspan
