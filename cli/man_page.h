// cli/man_page.h - longspan(1) in roff, from the tables of commands and options: `longspan man`.
//
// Threads: a free function.
// Source:  man(7), groff_man(7).
#pragma once

#include <string>
#include <string_view>

namespace longspan {

[[nodiscard]] std::string man_page();
// Text as roff reads it back: no line is a request, no backslash an escape, no hyphen a dash.
[[nodiscard]] std::string roff_text(std::string_view text);

}  // namespace longspan
