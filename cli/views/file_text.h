// cli/views/file_text.h - commands in a sentence, made such that they can be pasted.
//
// A reason or a hint is written where the flow's file is not known, and says FILE in its place.
//
// Threads: a pure function.
#pragma once

#include <string>

namespace longspan {

// "longspan resume FILE --topic t" with `file` in the place of FILE, quoted for a shell where it
// must be. Only behind the words of a command.
[[nodiscard]] std::string with_file(std::string text, const std::string& file);

}  // namespace longspan
