// cli/config/setting.h - one option of one flow, looked up through its scopes.
//
// Errors:  a wrong value goes into Findings and the default takes its place.
// Threads: free functions.
#pragma once

#include <string>

#include "cli/config/findings.h"
#include "cli/config/property_set.h"
#include "cli/options.h"

namespace longspan {

struct Setting {
  OptionValue value;
  const Property* from = nullptr;  // null: the default

  [[nodiscard]] int line() const { return from == nullptr ? 0 : from->line; }
  [[nodiscard]] bool is_on() const { return std::get<bool>(value); }
  [[nodiscard]] const std::string& text() const { return std::get<std::string>(value); }
  [[nodiscard]] std::int64_t number() const { return std::get<std::int64_t>(value); }
  [[nodiscard]] const std::vector<std::string>& list() const {
    return std::get<std::vector<std::string>>(value);
  }
};

// `prefix` is "A->B." or empty. `key` must be in the option table.
Setting look_up(PropertySet& properties, const std::string& prefix, std::string_view key,
                Findings& findings);

// The value of a property as that option, or its default after an error.
Setting read_as(const Option& option, const Property* property, Findings& findings);

}  // namespace longspan
