// cli/views/events_table.h - events as lines for people: `longspan events`.
//
// Threads: a pure function.
#pragma once

#include <string>
#include <vector>

#include "cli/views/events_json.h"
#include "cli/views/text_table.h"

namespace longspan {

// In the order given. OFFSETS says whose they are: "source [10, 20)"; of copies that are gone also
// which source records they were of: "target [10, 20) of source [11, 21)". One number is a
// position.
[[nodiscard]] std::string events_table(const std::vector<ShownEvent>& events,
                                       const TableStyle& style);

}  // namespace longspan
