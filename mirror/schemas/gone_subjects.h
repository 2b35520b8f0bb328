// mirror/schemas/gone_subjects.h - subjects of the target that were mirrored, and that the source
// has no more.
//
// Who is in IMPORT under a name that the flow writes, and is not in the source's list, is asked for
// by itself: a list may be cut off, or leave out what its reader may not see, and neither means
// that anything was deleted. Whether this flow has mirrored it: handover.h.
//
// Errors:  what could not be asked is `unsure`.
// Limits:  kRequestsAtOnce.
// Threads: a free function; starts its own and joins them.
#pragma once

#include "mirror/schemas/plan.h"
#include "mirror/schemas/registry.h"
#include "mirror/schemas/subject_rules.h"

namespace longspan {

[[nodiscard]] GoneSubjects find_gone(Registry& source, const SubjectRules& rules,
                                     const Inventory& of_source, const Inventory& of_target);

}  // namespace longspan
