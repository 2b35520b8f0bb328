#include "mirror/schemas/reserved_ids.h"

#include <algorithm>
#include <utility>

#include "mirror/schemas/plan.h"

namespace longspan {

std::map<std::string, std::int32_t> ids_to_reserve(
    const Inventory& source, const Inventory& target,
    const std::function<Subject(const Subject&)>& rename) {
  std::map<std::string, std::int32_t> wanted;
  for (const auto& [subject, entry] : source.subjects) {
    const auto known = source.max_ids.find(subject.context);
    if (known == source.max_ids.end()) continue;
    auto& most = wanted[rename(subject).context];
    most = std::max(most, known->second);
  }
  std::erase_if(wanted, [&](const auto& each) {
    if (!target.can_hold({each.first, ""})) return true;
    const auto told = target.max_ids.find(each.first);
    return each.second <= (told == target.max_ids.end() ? 0 : told->second);
  });
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
