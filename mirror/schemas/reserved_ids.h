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

// What is imported under the id, and softly deleted at once.
[[nodiscard]] KeptVersion placeholder(const Inventory& target, const std::string& context,
                                      std::int32_t id);

}  // namespace longspan
