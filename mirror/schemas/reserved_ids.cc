#include "mirror/schemas/reserved_ids.h"

#include <algorithm>
#include <utility>

#include "mirror/schemas/difference_words.h"

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

// Another one for each id: a registry may know the same text only by one.
std::string placeholder_text(std::int32_t id) {
  return R"({"type":"fixed","name":"longspan_reserved_id_)" + std::to_string(id) + R"(","size":1})";
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

GivenOutIds ids_given_out(const Inventory& source,
                          const std::function<Subject(const Subject&)>& rename) {
  GivenOutIds out;
  for (const auto& [subject, entry] : source.subjects) {
    auto& highest = out.highest[rename(subject).context];
    for (const auto& [number, version] : entry.versions) highest = std::max(highest, version.id);
    const auto told = source.max_ids.find(subject.context);
    if (told != source.max_ids.end()) highest = std::max(highest, told->second.id);
  }
  for (const auto& [context, error] : source.id_troubles) {
    if (!source.max_ids.contains(context)) out.unknown.emplace(context, error.text());
  }
  // It may have a higher one than all others.
  for (const auto& [subject, error] : source.troubles) {
    if (!source.max_ids.contains(subject.context)) {
      out.unknown.emplace(subject.context, subject.text() + ": " + error.text());
    }
  }
  return out;
}

SchemaPlan plan_reservations(const GivenOutIds& ids, const Inventory& target) {
  SchemaPlan out;
  auto highest = highest_ids(target, {});
  for (const auto& [context, id] : ids.highest) {
    if (!target.can_hold({context, ""}) || id <= highest[context]) continue;
    KeptVersion what = placeholder(target, context, id);
    const auto [mode, scope] = mode_in_force(target, what.subject);
    const bool is_open = !is_read_only(mode);
    out.differences.push_back(
        {DifferenceKind::ids_not_reserved, what.subject, 0, id,
         not_reserved_words(id, false) + (is_open ? "" : ", and its mode is " + mode), is_open});
    if (!is_open) continue;
    out.imports.push_back({StepKind::set_import_mode, {what.subject, 0, 0, {}}, ""});
    out.imports.back().is_new = !target.subjects.contains(what.subject);
    out.others.push_back({StepKind::reserve_ids, std::move(what), ""});
  }
  return out;
}

KeptVersion placeholder(const Inventory& target, const std::string& context, std::int32_t id) {
  Subject named{context, std::string(kReservedSubject)};
  const auto there = target.subjects.find(named);
  const std::int32_t last = there == target.subjects.end() || there->second.versions.empty()
                                ? 0
                                : there->second.versions.rbegin()->first;
  Schema schema;
  schema.text = placeholder_text(id);
  return {std::move(named), last + 1, id, schema};
}

bool is_placeholder(const Schema& schema, std::int32_t id) {
  return schema.text == placeholder_text(id);
}

}  // namespace longspan
