// mirror/verify/difference.h - what differs between a source record and its copy.
//
// Key, value, headers (order and duplicates too) and timestamp are compared, bytes by bytes.
//
// Errors:  none.
// Threads: a pure function.
#pragma once

#include <optional>
#include <string>

#include "mirror/record.h"
#include "mirror/traces/copy_context.h"

namespace longspan {

// Absent: equal. Else the first thing that differs, for people: "value at byte 17: 0x41, 0x42",
// "header 3 `traceparent`: ...", with the source's side first.
[[nodiscard]] std::optional<std::string> difference(const Record& source, const Record& target);

// The same, of a topic that is reparented: trace headers are also right as the flow rewrites them.
// A copy whose headers name the hop may have been written when the rule began traces that it does
// not begin now, or in other formats: in those that it has.
[[nodiscard]] std::optional<std::string> difference(const Record& source, const Record& target,
                                                    const RewriteRule& rule);

}  // namespace longspan
