#include "mirror/groups/group_names.h"

#include "mirror/groups/sink_commits.h"

namespace longspan {

GroupName GroupNames::of(const std::string& group) {
  if (const auto found = names_.find(group); found != names_.end()) return found->second;
  if (names_.size() >= kNamesMax) names_.clear();
  const bool is_wanted =
      is_sink_group(group) || (wanted_.matches(group) && !excluded_.matches(group));
  return names_[group] = is_wanted ? std::make_shared<const std::string>(group) : nullptr;
}

}  // namespace longspan
