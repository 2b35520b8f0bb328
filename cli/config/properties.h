// cli/config/properties.h - the text of a Java .properties file, as keys with their lines.
//
// Comments (# !), separators (= : or white space), escapes (\t \n \r \f \uXXXX, \ before anything
// else is dropped, so `A\->B` is `A->B` and `a\.b` is `a.b`, as Java reads it), continued lines.
// Unlike Java the bytes are UTF-8, not Latin-1. White space at the end of a value is dropped, as
// Kafka does when it reads the value.
//
// Errors:  into Findings, with the line. The last of two equal keys wins, with a warning.
// Threads: free functions.
// Limits:  kPropertiesBytesMax a file.
// Source:  java.util.Properties.load.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config/findings.h"

namespace longspan {

inline constexpr std::size_t kPropertiesBytesMax = 1 << 20;

struct Property {
  std::string key;
  std::string value;
  int line = 0;         // where the key stands, 1..
  bool secret = false;  // must never be printed: came from ${...}, or its key says so

  // "key=value", or the key alone where the value must not be seen.
  [[nodiscard]] std::string text() const { return secret ? key : key + "=" + value; }
};

// In the order of the file; each key once.
std::vector<Property> parse_properties(std::string_view text, Findings& findings);

// Passwords, keys, tokens, JAAS lines: never printed wherever their value comes from.
[[nodiscard]] bool is_secret_key(std::string_view key);

[[nodiscard]] bool is_utf8(std::string_view text);
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace longspan
