// mirror/schemas/reserved_ids.h - ids that the source gave out and has forgotten, kept from being
// given out again by the target.
//
// Errors:  none.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "mirror/schemas/plan.h"

namespace longspan {

struct IdToReserve {
  std::int32_t id = 0;
  bool is_in_use = false;  // by a version of the source: nothing else may ever stand for it
};

struct IdsOfBoth {
  const Inventory& source;
  const Inventory& target;
  const std::vector<SchemaStep>& imports;  // what the target will have, too
  const std::function<Subject(const Subject&)>& rename;
};

// By context of the target the source's highest id, where the target has not given out as many.
// None that only subjects beyond the inventory use.
[[nodiscard]] std::map<std::string, IdToReserve> ids_to_reserve(const IdsOfBoth& ids);

// What a hand-over must not go on without: then the target gives out ids of its own.
struct GivenOutIds {
  std::map<std::string, std::int32_t> highest;  // at the source, by context of the target
  std::map<std::string, std::string> unknown;   // of the source's contexts, and why
};
// Of a registry that never tells its highest id that of its versions.
[[nodiscard]] GivenOutIds ids_given_out(const Inventory& source,
                                        const std::function<Subject(const Subject&)>& rename);
// Reserves them, also an id whose version could not be brought: nobody may give that out. Empty:
// the target has given out as many.
[[nodiscard]] SchemaPlan plan_reservations(const GivenOutIds& ids, const Inventory& target);

// What is imported under the id, and softly deleted at once. A registry that answers with it by the
// id does not know the id's schema.
[[nodiscard]] KeptVersion placeholder(const Inventory& target, const std::string& context,
                                      std::int32_t id);
[[nodiscard]] bool is_placeholder(const Schema& schema, std::int32_t id);

}  // namespace longspan
