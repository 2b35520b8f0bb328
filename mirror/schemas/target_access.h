// mirror/schemas/target_access.h - which subjects of the target nothing may be written to: those
// of somebody else, and those whose mode an operator has set so.
//
// Errors:  none.
// Threads: one owner.
// Owns:    nothing; the inventory and the rule outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mirror/schemas/plan.h"

namespace longspan {

enum class Closed : std::uint8_t { foreign, read_only };
// Behind "the target does not have it".
[[nodiscard]] std::string_view words_of(Closed closed);

class TargetAccess {
 public:
  using Rename = std::function<Subject(const Subject&)>;
  struct Names {
    const Subject& source;
    const Subject& target;
  };

  TargetAccess(const Inventory& target, const Rename& rename) : target_(target), rename_(rename) {}

  // Why nothing is written to it; absent: it may be.
  [[nodiscard]] std::optional<Closed> closed(const Names& names,
                                             const InventorySubject& source) const;
  // True: its mode lets nobody write, and it counts as one that is to be written.
  bool wait_for_mode(const Subject& named);
  // One for each scope that such a mode is of.
  [[nodiscard]] std::vector<SchemaDifference> waiting() const;

 private:
  [[nodiscard]] bool is_foreign(const Names& names, const InventorySubject& source) const;

  struct Waiting {
    std::string mode;
    std::set<Subject> subjects;
  };

  const Inventory& target_;
  const Rename& rename_;
  std::map<Subject, Waiting> waiting_;
};

}  // namespace longspan
