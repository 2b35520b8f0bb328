// mirror/schemas/schema_listing.h - the versions of all subjects by some requests instead of one
// each, where a registry has such a call.
//
// Pages overlap by one version: one that was registered or purged meanwhile in front of them would
// shift them, and what stands at their borders be left out. Then nothing of it counts.
//
// Errors:  read_listing() is false: there is no such call, it failed, or pages do not fit together;
//          subjects have to be asked one by one.
// Limits:  kListedAtOnce versions a page, kPagesAtOnce; `pages_max` by the caller.
// Threads: starts its own and joins them; `take` is called by several at once.
// Source:  Confluent Schema Registry: SchemasResource, schema.search.max.limit (1000).
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>
#include <vector>

#include "mirror/schemas/registry.h"

namespace longspan {

inline constexpr std::size_t kListedAtOnce = 100;
inline constexpr int kPagesAtOnce = 4;

// A page, in the registry's order, which has the versions of a subject together; never one version
// twice.
using TakePage = std::function<void(std::vector<ListedVersion> page)>;

[[nodiscard]] bool read_listing(Registry& registry, const std::stop_token& stop,
                                std::size_t pages_max, const TakePage& take);

}  // namespace longspan
