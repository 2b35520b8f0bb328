// mirror/schemas/target_ids.h - which schema each id of the target stands for, with what a plan
// will bring.
//
// Errors:  none.
// Threads: one owner.
// Owns:    schemas whose references are called otherwise there; the inventory, and what use() is
//          given of others, outlive it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>

#include "mirror/schemas/inventory.h"

namespace longspan {

class TargetIds {
 public:
  struct Use {
    const KeptSchema* schema = nullptr;
    const Subject* subject = nullptr;
    std::int32_t version = 0;
  };

  explicit TargetIds(const Inventory& target);

  // A schema with references is copied. Null: the id stands for this one, now or before; else who
  // has it for another one.
  [[nodiscard]] const Use* take(const std::string& context, std::int32_t id, const Use& use);

 private:
  std::map<std::string, std::unordered_map<std::int32_t, Use>> uses_;  // by space of ids
  std::deque<KeptSchema> renamed_;
};

}  // namespace longspan
