// mirror/schemas/embedded/qualified_subject.h - subject names as a registry reads and writes them.
//
// ":.east:orders-value" is orders-value in the context .east, ":.east:" the context itself,
// ":*:orders" (of prefixes only) orders in every context. Written anew on purpose, beside
// parse_subject() of the mirror: the registry that the mirror is tested against must not share its
// mistakes.
//
// Errors:  none; any text is a subject.
// Threads: free functions.
// Source:  Confluent Schema Registry: QualifiedSubject.
#pragma once

#include <string>
#include <string_view>

#include "mirror/schemas/schema.h"

namespace longspan::embedded {

inline constexpr std::string_view kEveryContext = "*";
// Its mode and config hold where neither a subject nor its context has one.
inline constexpr std::string_view kGlobalContext = ".__GLOBAL";

[[nodiscard]] Subject qualify(std::string_view text);
// An unqualified reference is in the context of the schema that refers.
[[nodiscard]] Subject qualify_within(std::string_view text, std::string_view context);
[[nodiscard]] std::string qualified_text(const Subject& subject);

// Of a subject that may hold schemas: no control characters, no reserved name.
[[nodiscard]] bool may_hold_schemas(const Subject& subject);
// Whether a setting or a prefix of `scope` is about `subject`: the subject itself, or all of a
// context, or of every context.
[[nodiscard]] bool covers(const Subject& scope, const Subject& subject);

}  // namespace longspan::embedded
