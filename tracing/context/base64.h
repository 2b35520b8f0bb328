// tracing/context/base64.h - bytes as text.
//
// Errors:  text that is no Base64 is absent.
// Threads: pure functions.
// Source:  RFC 4648, with padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace longspan {

[[nodiscard]] std::string to_base64(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace longspan
