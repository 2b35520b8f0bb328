// lagcalc/text.h - numbers as people read them in a table.
//
// Units:   given in each name. Digits are cut, not rounded: 59,960 ms is "59.9 s", never "60.0 s".
// Errors:  none. What is unknown is the caller's to show; these take values.
// Threads: free functions.
#pragma once

#include <cstdint>
#include <string>

#include "lagcalc/units.h"

namespace longspan {

// "850 ms", "1.2 s", "3 m 20 s", "2 h 5 m", "4 d 3 h"; a negative one with a minus in front.
[[nodiscard]] std::string duration_text(std::int64_t milliseconds);
// "999", "1.2 k", "123 k", "4.5 M", "6.7 G", ...
[[nodiscard]] std::string count_text(std::int64_t count);
// "512 B", "1.2 KiB", "123 MiB", ...
[[nodiscard]] std::string bytes_text(std::int64_t bytes);
// Half-open: "[3, 17)".
[[nodiscard]] std::string range_text(Offset from, Offset to);
// A rate, per whatever the column says: below 10 with one digit ("0.3"), then like count_text().
[[nodiscard]] std::string rate_text(double rate);

}  // namespace longspan
