// mirror/schemas/topic_key.h - what a record of a registry's own topic says has changed.
//
//   {"keytype":"SCHEMA","subject":"orders-value","version":3,"magic":1}
//
// Confluent's and Karapace's registries keep what they hold in a compacted topic, `_schemas`. Only
// the subject in a key is looked at, and it is a hint: the registry is asked.
//
// Errors:  a key that names no subject may mean anything, but for NOOP, which means nothing.
// Threads: a pure function.
// Source:  Confluent's SchemaRegistryKey and its kinds; facts in README.md.
#pragma once

#include <string_view>

#include "mirror/schemas/hurry.h"

namespace longspan {

[[nodiscard]] SchemaHurry hint_of_topic_key(std::string_view key);

}  // namespace longspan
