#include "cli/config/property_set.h"

namespace longspan {

PropertySet::PropertySet(std::vector<Property> properties)
    : properties_(std::move(properties)), taken_(properties_.size(), false) {
  for (std::size_t i = 0; i < properties_.size(); ++i) places_[properties_[i].key] = i;
}

const Property* PropertySet::take(std::string_view key) {
  const auto found = places_.find(std::string(key));
  if (found == places_.end()) return nullptr;
  taken_[found->second] = true;
  return &properties_[found->second];
}

std::vector<const Property*> PropertySet::with_prefix(std::string_view prefix) const {
  std::vector<const Property*> found;
  for (const Property& p : properties_) {
    if (p.key.size() > prefix.size() && p.key.starts_with(prefix)) found.push_back(&p);
  }
  return found;
}

std::vector<const Property*> PropertySet::never_taken() const {
  std::vector<const Property*> left;
  for (std::size_t i = 0; i < properties_.size(); ++i) {
    if (!taken_[i]) left.push_back(&properties_[i]);
  }
  return left;
}

}  // namespace longspan
