#include "mirror/schemas/bounded_json.h"

#include <nlohmann/json.hpp>

namespace longspan {

namespace {

// Of what is no JSON the answer does not matter: it does not parse. A callback of the parser would
// take as long as the parser.
bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kJsonDepthMax) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

nlohmann::json parse_bounded(std::string_view text) {
  using nlohmann::json;
  if (is_too_deep(text)) return {json::value_t::discarded};
  return json::parse(text, nullptr, false);
}

}  // namespace longspan
