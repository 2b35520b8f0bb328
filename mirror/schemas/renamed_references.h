// mirror/schemas/renamed_references.h - what a schema refers to, by its names on both sides.
//
// Errors:  none.
// Threads: pure functions.
#pragma once

#include <functional>
#include <vector>

#include "mirror/schemas/kept_schema.h"
#include "mirror/schemas/registry.h"

namespace longspan {

// With the names that the subjects have on the target; `from` is called `named` there.
[[nodiscard]] KeptSchema with_target_names(const KeptSchema& schema, const Subject& from,
                                           const Subject& named,
                                           const std::function<Subject(const Subject&)>& rename);

struct ReferredVersion {
  SubjectVersion source;
  SubjectVersion target;
};
// Of a schema as it is at the source, and with the names of the target.
[[nodiscard]] std::vector<ReferredVersion> references_of(const KeptSchema& before,
                                                         const Subject& from,
                                                         const KeptSchema& after,
                                                         const Subject& named);

}  // namespace longspan
