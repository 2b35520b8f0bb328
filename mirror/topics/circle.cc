#include "mirror/topics/circle.h"

#include <map>

namespace longspan {

std::optional<std::string> way_back(const std::string& topic, const std::string& source,
                                    const std::string& target,
                                    const std::vector<KeepingFlow>& flows) {
  std::map<std::string, std::string> ways{{target, target}};  // cluster -> how one gets there
  for (bool grew = true; grew;) {
    grew = false;
    for (const KeepingFlow& flow : flows) {
      const auto from = ways.find(flow.source);
      if (from == ways.end() || ways.contains(flow.target)) continue;
      if (!flow.topics.matches(topic)) continue;
      ways[flow.target] = from->second + "->" + flow.target;
      grew = true;
    }
  }
  const auto found = ways.find(source);
  if (found == ways.end()) return std::nullopt;
  return found->second;
}

}  // namespace longspan
