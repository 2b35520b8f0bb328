// cli/options_doc.h - the option tables as Markdown: `longspan options`, cli/OPTIONS.md.
//
// Threads: free functions.
#pragma once

#include <string>

namespace longspan {

[[nodiscard]] std::string options_markdown();

}  // namespace longspan
