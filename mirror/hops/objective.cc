#include "mirror/hops/objective.h"

#include <algorithm>
#include <utility>

namespace longspan {

Result<std::vector<Objective>> make_objectives(const std::vector<std::string>& texts) {
  std::vector<Objective> out;
  for (const std::string& text : texts) {
    const bool is_twice = std::any_of(out.begin(), out.end(),
                                      [&text](const auto& other) { return other.text == text; });
    if (is_twice) {
      return fail(Next::stop_process, "slo: '" + text + "' stands there twice; leave one of them");
    }
    auto slo = parse_slo(text);
    if (!slo) return slo.error();
    auto topics = NamePatterns::make({slo->topics}, "slo");
    if (!topics) return topics.error();
    out.push_back({text, std::move(*slo), std::move(*topics)});
  }
  return out;
}

}  // namespace longspan
