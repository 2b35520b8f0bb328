#include "mirror/schemas/embedded/settings.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "mirror/schemas/embedded/qualified_subject.h"

namespace longspan::embedded {
namespace {

using Json = nlohmann::json;

constexpr const char* kLevelKey = "compatibility";

template <class Map>
std::optional<std::string> found_in(const Map& map, const Subject& scope) {
  const auto found = map.find(scope);
  return found == map.end() ? std::nullopt : std::optional(found->second);
}

// The scope itself, its context, the global one.
std::vector<Subject> scopes_of(const Subject& scope) {
  return {scope, Subject{scope.context, ""}, Subject{std::string(kGlobalContext), ""}};
}

}  // namespace

std::optional<std::string> Settings::mode(const Subject& scope) const {
  return found_in(modes_, scope);
}

std::optional<std::string> Settings::config(const Subject& scope) const {
  return found_in(configs_, scope);
}

std::string Settings::mode_in_scope(const Subject& scope) const {
  // Of the registry's own default this one mode holds whatever else is set.
  const auto all = mode(Subject{});
  if (all && *all == "READONLY_OVERRIDE") return *all;
  for (const Subject& one : scopes_of(scope)) {
    if (const auto found = mode(one)) return *found;
  }
  return "READWRITE";
}

std::string Settings::config_in_scope(const Subject& scope) const {
  Json config = Json::object();
  for (const Subject& one : scopes_of(scope)) {
    const auto found = this->config(one);
    if (!found) continue;
    const Json parsed = Json::parse(*found);
    if (config.empty()) config = parsed;
    // A config may be about other things than the level; that is then of the next scope.
    if (!config.contains(kLevelKey) && parsed.contains(kLevelKey)) {
      config[kLevelKey] = parsed[kLevelKey];
    }
  }
  if (!config.contains(kLevelKey)) config[kLevelKey] = "BACKWARD";
  return config.dump();
}

void Settings::set_config(const Subject& scope, const std::string& json) {
  Json config = Json::parse(this->config(scope).value_or("{}"));
  config.merge_patch(Json::parse(json));
  configs_[scope] = config.dump();
}

}  // namespace longspan::embedded
