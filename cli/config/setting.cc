#include "cli/config/setting.h"

namespace longspan {
namespace {

// The first that is there; all of them become known.
const Property* first_of(PropertySet& properties, const std::string& prefix, const Option& option) {
  const Property* found = nullptr;
  for (const std::string& scope : {prefix, std::string()}) {
    for (const std::string_view key : {option.key, option.old_key}) {
      if (key.empty()) continue;
      const Property* property = properties.take(scope + std::string(key));
      if (found == nullptr) found = property;
    }
  }
  return found;
}

}  // namespace

Setting read_as(const Option& option, const Property* property, Findings& findings) {
  if (property != nullptr) {
    auto value = parse_option(option, property->value);
    if (value) return {std::move(*value), property};
    const bool java_class = option.key.ends_with(".filter.class");
    findings.error(property->line, property->text() + " " + value.error().what +
                                       (java_class ? ": a Java class cannot be loaded" : ""));
  }
  auto fallback = parse_option(option, option.default_value);
  if (fallback) return {std::move(*fallback), nullptr};
  return {OptionValue(std::string()), nullptr};  // a text without a default
}

Setting look_up(PropertySet& properties, const std::string& prefix, std::string_view key,
                Findings& findings) {
  const Option* option = find_option(key);
  LONGSPAN_ASSERT(option != nullptr);
  return read_as(*option, first_of(properties, prefix, *option), findings);
}

}  // namespace longspan
