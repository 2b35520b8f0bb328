#include "mirror/hops/objective.h"

#include <utility>

namespace longspan {

Result<std::vector<Objective>> make_objectives(const std::vector<std::string>& texts) {
  std::vector<Objective> out;
  for (const std::string& text : texts) {
    auto slo = parse_slo(text);
    if (!slo) return slo.error();
    auto topics = NamePatterns::make({slo->topics}, "slo");
    if (!topics) return topics.error();
    out.push_back({text, std::move(*slo), std::move(*topics)});
  }
  return out;
}

}  // namespace longspan
