#include "mirror/schemas/bounded_json.h"

#include <nlohmann/json.hpp>

#include "lagcalc/json_depth.h"

namespace longspan {

nlohmann::json parse_bounded(std::string_view text) {
  using nlohmann::json;
  if (!is_shallow(text, kJsonDepthMax)) return {json::value_t::discarded};
  return json::parse(text, nullptr, false);
}

}  // namespace longspan
