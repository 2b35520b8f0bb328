// mirror/schemas/hurry.h - what the duty need not wait for its next tick to look for.
//
//   SchemaGate --ids that records wait for--> SchemaHurry --> SchemaDuty
//
// A hint, never the truth: what it names is asked of the source's registry like everything else.
//
// Errors:  none.
// Threads: a value.
// Limits:  kHintsMax ids and as many subjects; of more the next ticks will tell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "mirror/schemas/schema.h"

namespace longspan {

struct SchemaHurry {
  static constexpr std::size_t kHintsMax = 256;

  std::set<std::pair<std::string, std::int32_t>> ids = {};  // context of the source, id
  std::set<Subject> subjects = {};  // of the source, of which something may have changed
  bool looks = false;               // something is new, and nothing tells what

  [[nodiscard]] bool is_empty() const { return ids.empty() && subjects.empty() && !looks; }
  void add(const SchemaHurry& other) {
    for (const auto& id : other.ids) {
      if (ids.size() < kHintsMax) ids.insert(id);
    }
    for (const auto& subject : other.subjects) {
      if (subjects.size() < kHintsMax) subjects.insert(subject);
    }
    looks = looks || other.looks;
  }
};

}  // namespace longspan
