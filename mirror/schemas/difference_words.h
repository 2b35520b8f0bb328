// mirror/schemas/difference_words.h - what kinds of differences are called, where one explains
// another. Names: plan.h.
//
// Errors:  none.
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mirror/schemas/plan.h"

namespace longspan {

// Of a version that does not stand on the target as it does at the source, as its referrers see it.
[[nodiscard]] std::string_view as_referred_to(DifferenceKind kind);

// Of a scope whose mode lets nobody write, though so many subjects of the target are to be written.
[[nodiscard]] std::string read_only_words(const Subject& scope, const std::string& mode,
                                          std::size_t waiting);

// Of a version that only the target has, for the source has no such subject.
[[nodiscard]] std::string_view gone_words(bool is_ours);
// The same, of one that has no live version.
[[nodiscard]] std::string left_in_import_words(const Subject& named);

// Behind in what a version differs that stands in IMPORT.
[[nodiscard]] std::string registered_anew_words(const SubjectVersion& at);

// Of a context that could give out the source's ids up to this one.
[[nodiscard]] std::string not_reserved_words(std::int32_t id, bool is_in_use);

// Of a subject whose context the target's registry, for this reason, cannot have.
[[nodiscard]] std::string no_context_words(const Subject& source, const Subject& target,
                                           const std::string& why);

}  // namespace longspan
