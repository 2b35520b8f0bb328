// cli/config/property_set.h - the properties of one file, and which of them somebody asked for.
//
// What nobody asked for at the end is unknown, and is told to the user: no key is dropped silently.
//
// Threads: one owner. Pointers stay valid as long as the set.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cli/config/properties.h"

namespace longspan {

class PropertySet {
 public:
  explicit PropertySet(std::vector<Property> properties);

  // Null: the file does not say. Marks the key as known.
  const Property* take(std::string_view key);
  // All keys that begin so and are longer; marks nothing.
  [[nodiscard]] std::vector<const Property*> with_prefix(std::string_view prefix) const;
  [[nodiscard]] std::vector<const Property*> never_taken() const;

 private:
  std::vector<Property> properties_;
  std::vector<bool> taken_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace longspan
