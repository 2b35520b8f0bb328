#include "mirror/schemas/reserved_ids.h"

#include <algorithm>
#include <utility>

namespace longspan {

namespace {

bool uses(const InventorySubject& entry, std::int32_t id) {
  return std::any_of(entry.versions.begin(), entry.versions.end(),
                     [&](const auto& each) { return each.second.id == id; });
}

// By context, on the target, with what the imports will bring.
std::map<std::string, std::int32_t> highest_ids(const Inventory& target,
                                                const std::vector<SchemaStep>& imports) {
  std::map<std::string, std::int32_t> out;
  const auto count = [&](const std::string& context, std::int32_t id) {
    auto& known = out[target.id_space(context)];
    known = std::max(known, id);
  };
  for (const auto& [context, told] : target.max_ids) count(context, told.id);
  for (const auto& [subject, entry] : target.subjects) {
    for (const auto& [number, version] : entry.versions) count(subject.context, version.id);
  }
  for (const auto& step : imports) count(step.what.subject.context, step.what.id);
  return out;
}

}  // namespace

std::map<std::string, IdToReserve> ids_to_reserve(const IdsOfBoth& ids) {
  const auto& [source, target, imports, rename] = ids;
  std::map<std::string, IdToReserve> wanted;
  for (const auto& [subject, entry] : source.subjects) {
    const auto known = source.max_ids.find(subject.context);
    if (known == source.max_ids.end()) continue;
    const auto& [id, is_forgotten] = known->second;
    if (!is_forgotten && !uses(entry, id)) continue;
    auto& most = wanted[rename(subject).context].id;
    most = std::max(most, id);
  }
  auto highest = highest_ids(target, imports);
  std::erase_if(wanted, [&](const auto& each) {
    return !target.can_hold({each.first, ""}) || each.second.id <= highest[each.first];
  });
  for (const auto& [subject, entry] : source.subjects) {
    const auto found = wanted.find(rename(subject).context);
    if (found != wanted.end() && uses(entry, found->second.id)) found->second.is_in_use = true;
  }
  return wanted;
}

KeptVersion placeholder(const Inventory& target, const std::string& context, std::int32_t id) {
  Subject named{context, std::string(kReservedSubject)};
  const auto there = target.subjects.find(named);
  const std::int32_t last = there == target.subjects.end() || there->second.versions.empty()
                                ? 0
                                : there->second.versions.rbegin()->first;
  // Another one for each id: a registry may know the same text only by one.
  Schema schema;
  schema.text =
      R"({"type":"fixed","name":"longspan_reserved_id_)" + std::to_string(id) + R"(","size":1})";
  return {std::move(named), last + 1, id, schema};
}

}  // namespace longspan
