// cli/views/letters_view.h - dead letters as a table, one in full, and as JSON.
//
// Errors:  none. Keys and values that are no text are shown as hex.
// Threads: free functions.
// Limits:  a table shows at most kShownBytes of a value; one in full shows all of it.
#pragma once

#include <string>
#include <vector>

#include "cli/views/text_table.h"
#include "mirror/dead_letter.h"

namespace longspan {

struct ShownLetter {
  Offset number;  // in the dead-letter topic
  DeadLetter letter;
};

[[nodiscard]] std::string letters_table(const std::vector<ShownLetter>& letters,
                                        const TableStyle& style);
[[nodiscard]] std::string letter_text(const ShownLetter& shown);
// Bytes as text where they are UTF-8, else as hex under "..._hex".
[[nodiscard]] std::string letters_json(const std::string& flow,
                                       const std::vector<ShownLetter>& letters);

}  // namespace longspan
