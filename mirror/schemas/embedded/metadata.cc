#include "mirror/schemas/embedded/metadata.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

namespace longspan::embedded {
namespace {

using Json = nlohmann::json;  // keys sorted

constexpr const char* kVersionProperty = "confluent:version";

void drop_empty(Json& object) {
  for (auto member = object.begin(); member != object.end();) {
    const bool is_empty = member->is_null() || (member->is_structured() && member->empty());
    member = is_empty ? object.erase(member) : std::next(member);
  }
}

void sort_set(Json& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

void fill_rule(Json& rule) {
  drop_empty(rule);
  if (!rule.contains("kind")) rule["kind"] = "TRANSFORM";
  if (!rule.contains("mode")) rule["mode"] = "WRITEREAD";
  if (!rule.contains("disabled")) rule["disabled"] = false;
  if (rule.contains("tags") && rule["tags"].is_array()) sort_set(rule["tags"]);
}

std::string wrong_rules(Json& rules) {
  std::set<std::string> names;
  for (Json& rule : rules) {
    if (!rule.is_object()) return "A rule is not an object";
    fill_rule(rule);
    const std::string name = rule.value("name", "");
    if (name.empty()) return "Missing rule name";
    if (rule.value("type", "").empty()) return "Missing rule type";
    if (!names.insert(name).second) return "Found rule with duplicate name '" + name + "'";
  }
  return "";
}

Json parsed(const std::string& json) { return json.empty() ? Json() : Json::parse(json); }

std::string dumped(const Json& json) { return json.is_null() ? std::string() : json.dump(); }

// Maps key by key, sets together; `over` wins.
Json merged_metadata(const Json& under, const Json& over) {
  if (under.is_null() || over.is_null()) return under.is_null() ? over : under;
  Json merged = under;
  for (const char* key : {"properties", "tags"}) {
    if (over.contains(key)) merged[key].update(over[key]);
  }
  if (over.contains("sensitive")) {
    for (const Json& name : over["sensitive"]) merged["sensitive"].push_back(name);
    sort_set(merged["sensitive"]);
  }
  return merged;
}

// Rule by rule, by name; `over` wins and comes last.
Json merged_rules(const Json& under, const Json& over) {
  if (under.is_null() || over.is_null()) return under.is_null() ? over : under;
  Json merged = under;
  for (const auto& [key, rules] : over.items()) {
    if (!rules.is_array()) {
      merged[key] = rules;
      continue;
    }
    Json kept = Json::array();
    for (const Json& rule : merged.value(key, Json::array())) {
      const auto has_name = [&](const Json& one) {
        return one.value("name", "") == rule.value("name", "");
      };
      if (std::none_of(rules.begin(), rules.end(), has_name)) kept.push_back(rule);
    }
    kept.insert(kept.end(), rules.begin(), rules.end());
    merged[key] = kept;
  }
  return merged;
}

Json member(const Json& object, const char* key) {
  return object.contains(key) ? object[key] : Json();
}

}  // namespace

std::string kept_metadata(const std::string& json) {
  Json metadata = Json::parse(json);
  drop_empty(metadata);
  if (metadata.contains("sensitive")) sort_set(metadata["sensitive"]);
  if (metadata.contains("tags")) {
    for (Json& tags : metadata["tags"]) sort_set(tags);
  }
  return metadata.dump();
}

Result<std::string> kept_rule_set(const std::string& json) {
  Json rule_set = Json::parse(json);
  drop_empty(rule_set);
  for (const char* key : {"migrationRules", "domainRules", "encodingRules"}) {
    if (!rule_set.contains(key)) continue;
    if (const std::string what = wrong_rules(rule_set[key]); !what.empty()) {
      return fail(Next::stop_process, what);
    }
  }
  return rule_set.dump();
}

std::optional<std::string> metadata_property(const std::string& metadata, const std::string& name) {
  const Json properties = member(parsed(metadata), "properties");
  const auto found = properties.find(name);
  if (found == properties.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

Schema without_version(const Schema& schema) {
  if (!metadata_property(schema.metadata, kVersionProperty)) return schema;
  Schema without = schema;
  Json metadata = parsed(schema.metadata);
  metadata["properties"].erase(kVersionProperty);
  drop_empty(metadata);
  without.metadata = metadata.empty() ? "" : metadata.dump();
  return without;
}

void populate(Schema& schema, const Population& from) {
  const Json config = Json::parse(from.config);
  const Schema none;
  const Schema& previous = from.previous == nullptr ? none : *from.previous;
  const Json metadata = parsed(schema.metadata.empty() ? previous.metadata : schema.metadata);
  Json merged = merged_metadata(merged_metadata(member(config, "defaultMetadata"), metadata),
                                member(config, "overrideMetadata"));
  const bool says_version = metadata_property(dumped(merged), kVersionProperty).has_value();
  if (from.version && (from.is_version_asked || says_version)) {
    merged["properties"][kVersionProperty] = std::to_string(*from.version);
  }
  schema.metadata = dumped(merged);
  const Json rules = parsed(schema.rule_set.empty() ? previous.rule_set : schema.rule_set);
  schema.rule_set = dumped(merged_rules(merged_rules(member(config, "defaultRuleSet"), rules),
                                        member(config, "overrideRuleSet")));
}

bool has_defaults(const std::string& config) {
  const Json json = Json::parse(config);
  return json.contains("defaultMetadata") || json.contains("overrideMetadata") ||
         json.contains("defaultRuleSet") || json.contains("overrideRuleSet");
}

}  // namespace longspan::embedded
