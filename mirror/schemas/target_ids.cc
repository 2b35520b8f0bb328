#include "mirror/schemas/target_ids.h"

namespace longspan {

TargetIds::TargetIds(const Inventory& target) {
  for (const auto& [subject, entry] : target.subjects) {
    for (const auto& [number, version] : entry.versions) {
      uses_[target.id_space(subject.context)].try_emplace(version.id,
                                                          Use{&version.schema, &subject, number});
    }
  }
}

const TargetIds::Use* TargetIds::take(const std::string& context, std::int32_t id, const Use& use) {
  const auto [at, is_free] = uses_[context].try_emplace(id, use);
  if (!is_free) return *at->second.schema == *use.schema ? nullptr : &at->second;
  if (!use.schema->references().empty()) at->second.schema = &renamed_.emplace_back(*use.schema);
  return nullptr;
}

}  // namespace longspan
