// cli/views/file_text.h - commands in a sentence, made such that they can be pasted.
//
// A reason or a hint is written where the flow's file, its clusters and what it is about are not
// known, and says FILE, SOURCE, TARGET, TOPIC or GROUP in their places. They are filled in only
// where a command has them, quoted for a shell where they must be.
//
// Threads: a pure function.
#pragma once

#include <string>

namespace longspan {

// "longspan resume FILE --topic t" with `file` in the place of FILE.
[[nodiscard]] std::string with_file(std::string text, const std::string& file);
// "--bootstrap-server SOURCE" with `value` in the place of SOURCE: the value of an option.
[[nodiscard]] std::string with_value(const std::string& text, const std::string& option,
                                     const std::string& word, const std::string& value);

}  // namespace longspan
