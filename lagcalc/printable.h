// lagcalc/printable.h - what others named or wrote, as it may stand on a terminal.
//
// A consumer group may be called anything, also what makes a terminal clear its screen or hide a
// line; so may a broker's sentence.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace longspan {

// Bytes of the UTF-8 sequence at the front of `text`, which is not empty; 0 when it is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text);
// Of one UTF-8 sequence: C0, DEL and C1; U+061C, U+200E, U+200F, U+2028 to U+202E and U+2066 to
// U+2069, which break lines or turn the order of what follows. A terminal may obey them.
[[nodiscard]] bool is_control(std::string_view character);
// "\x1b" for each of their bytes.
void append_hex(std::string_view bytes, std::string& out);

// With \n \r \t and \xNN in the place of control characters and of bytes that are not UTF-8.
[[nodiscard]] std::string printable(std::string_view text);
// The same, of a text that has lines: \n stays.
[[nodiscard]] std::string printable_lines(std::string_view text);

}  // namespace longspan
