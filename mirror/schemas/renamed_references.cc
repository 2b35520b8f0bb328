#include "mirror/schemas/renamed_references.h"

#include <cstddef>
#include <utility>

#include "mirror/schemas/plan.h"

namespace longspan {

KeptSchema with_target_names(const KeptSchema& schema, const Subject& from, const Subject& named,
                             const std::function<Subject(const Subject&)>& rename) {
  if (schema.references().empty()) return schema;
  auto references = schema.references();
  for (auto& reference : references) {
    const Subject before = referred(reference, from);
    const Subject after = rename(before);
    if (after == before && after.context == named.context) continue;
    reference.subject = after.context == named.context ? after.name : after.text();
  }
  return schema.with_references(std::move(references));
}

std::vector<ReferredVersion> references_of(const KeptSchema& before, const Subject& from,
                                           const KeptSchema& after, const Subject& named) {
  std::vector<ReferredVersion> out;
  for (std::size_t i = 0; i < before.references().size(); ++i) {
    const auto& reference = before.references()[i];
    out.push_back({{referred(reference, from), reference.version},
                   {referred(after.references()[i], named), reference.version}});
  }
  return out;
}

Subject referred(const SchemaReference& reference, const Subject& from) {
  Subject out = parse_subject(reference.subject);
  if (out.context == kDefaultContext) out.context = from.context;
  return out;
}

}  // namespace longspan
