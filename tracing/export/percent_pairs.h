// tracing/export/percent_pairs.h - k=v,k=v with percent-encoded values: headers, resource
// attributes.
//
// Errors:  absent where a pair has no key or no equals sign, or an escape is none; then nothing of
//          the text is to be believed.
// Threads: pure functions.
// Source:  W3C Baggage without properties, as OpenTelemetry's variables have it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace longspan {

using TextPairs = std::vector<std::pair<std::string, std::string>>;

// Space around keys and values goes; empty members are nothing.
[[nodiscard]] std::optional<TextPairs> read_percent_pairs(std::string_view text);
[[nodiscard]] std::optional<std::string> read_percent_text(std::string_view text);

}  // namespace longspan
