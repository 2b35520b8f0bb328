#include "mirror/schemas/bounded_json.h"

#include <nlohmann/json.hpp>

namespace longspan {

nlohmann::json parse_bounded(std::string_view text) {
  using nlohmann::json;
  bool is_too_deep = false;
  const auto look = [&](int depth, json::parse_event_t, const json&) {
    is_too_deep = is_too_deep || depth > kJsonDepthMax;
    return !is_too_deep;
  };
  json parsed = json::parse(text, look, false);
  if (is_too_deep) return {json::value_t::discarded};
  return parsed;
}

}  // namespace longspan
