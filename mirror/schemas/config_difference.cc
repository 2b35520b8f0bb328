#include "mirror/schemas/config_difference.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "mirror/schemas/bounded_json.h"

namespace longspan {
namespace {

using nlohmann::json;

constexpr const char* kLevel = "compatibility";
constexpr std::size_t kLevelMax = 32;

json settings_of(const SubjectSettings& text) {
  json read = text ? parse_bounded(*text) : json::object();
  return read.is_object() ? read : json::object();
}

bool is_same(const json& a, const json& b, const std::string& name) {
  const auto left = a.find(name);
  const auto right = b.find(name);
  if (left == a.end() || right == b.end()) return left == a.end() && right == b.end();
  return *left == *right;
}

bool is_level_char(char c) { return (c >= 'A' && c <= 'Z') || c == '_'; }

// Whatever else stands there is not shown.
std::string level_of(const json& settings) {
  const auto found = settings.find(kLevel);
  if (found == settings.end()) return "not set";
  if (!found->is_string()) return "no level";
  const auto level = found->get<std::string>();
  const bool is_level =
      level.size() <= kLevelMax && std::all_of(level.begin(), level.end(), is_level_char);
  return is_level ? level : "no level";
}

}  // namespace

std::vector<std::string> dropped_settings(const SubjectSettings& wanted,
                                          const SubjectSettings& found) {
  const json asked = settings_of(wanted);
  const json there = settings_of(found);
  std::vector<std::string> out;
  for (const auto& [name, value] : asked.items()) {
    if (!is_same(asked, there, name)) out.push_back(name);
  }
  return out;
}

bool is_kept_by_merging(const SubjectSettings& target, const SubjectSettings& source) {
  const json here = settings_of(target);
  const json there = settings_of(source);
  const auto items = here.items();
  return std::any_of(items.begin(), items.end(), [&](const auto& each) {
    const auto found = there.find(each.key());
    return found == there.end() || (found->is_object() && *found != each.value());
  });
}

std::string config_difference(const SubjectSettings& target, const SubjectSettings& source) {
  const json here = settings_of(target);
  const json there = settings_of(source);
  std::set<std::string> names;
  for (const auto& [name, value] : here.items()) names.insert(name);
  for (const auto& [name, value] : there.items()) names.insert(name);
  std::string out;
  for (const auto& name : names) {
    if (is_same(here, there, name)) continue;
    if (!out.empty()) out += "; ";
    out += name == kLevel ? name + " is " + level_of(here) + ", at the source " + level_of(there)
                          : name + " differs";
  }
  return out;
}

}  // namespace longspan
