// Modes and configs, of the registry and of a subject or context; identity and faults.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "mirror/schemas/embedded/calls.h"
#include "mirror/schemas/embedded/compatibility_level.h"
#include "mirror/schemas/embedded/metadata.h"
#include "mirror/schemas/embedded/qualified_subject.h"

namespace longspan::embedded {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto kModes = std::to_array<std::string_view>(
    {"READWRITE", "READONLY", "READONLY_OVERRIDE", "IMPORT", "FORWARD"});

// Without a subject in the path: the registry's own default.
Subject scope_of(const RegistryState& state, const Call& call) {
  return call.words.empty() ? Subject{} : subject_of(state, call.words[0]);
}

bool is_default_scope(const Subject& scope) { return scope == Subject{}; }

bool is_global(const Subject& scope) {
  return is_default_scope(scope) || (scope.name.empty() && scope.context == kGlobalContext);
}

Answer mode_answer(const std::string& mode) { return {200, object_body("mode", mode)}; }

// What registries without modes of their own say; nothing: this one has them.
std::optional<Answer> without_modes(const RegistryState& state, const Call& call) {
  if (state.faults.is_on(Fault::no_import) && call.request.method != "GET") {
    return Answer{405, R"({"detail":"Method Not Allowed"})"};
  }
  if (!state.faults.is_on(Fault::other_id)) return std::nullopt;
  if (call.request.method == "DELETE") return Answer{405, ""};
  if (call.request.method == "GET" && call.words.empty()) return Answer{404, ""};
  return Answer{204, ""};
}

// The subjects that a change of this scope's mode is about.
bool is_concerned(const Subject& scope, const Subject& subject) {
  return is_default_scope(scope) || covers(scope, subject);
}

// Before a scope is imported into without force: nothing may live there, and what was deleted
// softly is deleted for good.
std::optional<Answer> clear_for_import(RegistryState& state, const Subject& scope) {
  std::vector<StoredVersion> deleted;
  for (const Subject& subject : state.store.subjects(Deleted::included)) {
    if (!is_concerned(scope, subject)) continue;
    if (state.store.has(subject, Deleted::excluded)) {
      return not_permitted("Cannot import since found existing subjects");
    }
    for (const StoredVersion* one : state.store.versions(subject, Deleted::only)) {
      if (!state.store.referrers(subject, one->version).empty()) {
        return error_answer(
            ErrorCode::reference_exists,
            "One or more references exist to the schema of subject " + qualified_text(subject));
      }
      deleted.push_back(*one);
    }
  }
  for (const StoredVersion& one : deleted) state.store.erase(one.subject, one.version);
  return std::nullopt;
}

std::optional<Answer> refused_mode(RegistryState& state, const Subject& scope,
                                   const std::string& mode, bool is_forced) {
  if (std::find(kModes.begin(), kModes.end(), mode) == kModes.end()) {
    return error_answer(ErrorCode::invalid_mode,
                        "Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE, "
                        "IMPORT and FORWARD");
  }
  if (state.faults.is_on(Fault::fixed_modes)) return not_permitted("Mode changes are not allowed");
  if (mode == "FORWARD" && !is_global(scope)) {
    return not_permitted("Forward mode is only allowed for the whole registry");
  }
  const bool enters = mode == "IMPORT" && state.settings.mode_in_scope(scope) != "IMPORT";
  return enters && !is_forced ? clear_for_import(state, scope) : std::nullopt;
}

std::string upper(std::string word) {
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return word;
}

// As it is answered: `compatibility` is written, `compatibilityLevel` is read.
std::string shown_config(const std::string& config) {
  Json shown;
  Json rest = Json::parse(config);
  if (rest.contains("compatibility")) shown["compatibilityLevel"] = rest["compatibility"];
  rest.erase("compatibility");
  if (!rest.empty()) shown.update(rest);
  return shown.is_null() ? "{}" : shown.dump();
}

// The config that was sent, in the form that is kept; a member that is null unsets.
Result<std::string, Answer> kept_config(const std::string& body) {
  Json config = Json::parse(body, nullptr, false);
  if (!config.is_object()) return plain_error(400, "the body is not a JSON object");
  if (config.contains("compatibility") && !config["compatibility"].is_null()) {
    const auto level = parse_level(config["compatibility"].get<std::string>());
    if (!level) {
      return error_answer(ErrorCode::invalid_compatibility_level,
                          "Invalid compatibility level. Valid values are none, backward, forward, "
                          "full, backward_transitive, forward_transitive, and full_transitive");
    }
    config["compatibility"] = level_text(*level);
  }
  for (const char* key : {"defaultMetadata", "overrideMetadata"}) {
    if (config.contains(key) && config[key].is_object()) {
      config[key] = Json::parse(kept_metadata(config[key].dump()));
    }
  }
  for (const char* key : {"defaultRuleSet", "overrideRuleSet"}) {
    if (!config.contains(key) || !config[key].is_object()) continue;
    const auto rules = kept_rule_set(config[key].dump());
    if (!rules) return error_answer(ErrorCode::invalid_rule_set, rules.error().what);
    config[key] = Json::parse(*rules);
  }
  return config.dump();
}

std::optional<Answer> refused_in_readonly(const RegistryState& state, const Subject& scope) {
  const std::string mode = state.settings.mode_in_scope(scope);
  if (mode != "READONLY" && mode != "READONLY_OVERRIDE") return std::nullopt;
  return not_permitted("Subject " + qualified_text(scope) + " is in read-only mode");
}

}  // namespace

Answer get_mode(RegistryState& state, const Call& call) {
  if (auto other = without_modes(state, call)) return *other;
  const Subject scope = scope_of(state, call);
  const auto own = state.settings.mode(scope);
  if (own) return mode_answer(*own);
  if (call.words.empty() || call.query.is_true("defaultToGlobal")) {
    return mode_answer(state.settings.mode_in_scope(scope));
  }
  return error_answer(
      ErrorCode::no_subject_mode,
      "Subject '" + qualified_text(scope) + "' does not have subject-level mode configured");
}

Answer put_mode(RegistryState& state, const Call& call) {
  if (auto other = without_modes(state, call)) return *other;
  const Subject scope = scope_of(state, call);
  const auto word = read_text(call.request.body, "mode");
  if (!word) return word.error();
  const std::string mode = upper(word->value_or(""));
  if (auto refused = refused_mode(state, scope, mode, call.query.is_true("force"))) return *refused;
  state.settings.set_mode(scope, mode);
  return mode_answer(mode);
}

Answer delete_mode(RegistryState& state, const Call& call) {
  if (auto other = without_modes(state, call)) return *other;
  const Subject scope = scope_of(state, call);
  const auto own = state.settings.mode(scope);
  if (!own && !call.words.empty()) return subject_not_found(qualified_text(scope));
  if (state.faults.is_on(Fault::fixed_modes)) return not_permitted("Mode changes are not allowed");
  state.settings.unset_mode(scope);
  return mode_answer(own.value_or("READWRITE"));
}

Answer get_config(RegistryState& state, const Call& call) {
  const Subject scope = scope_of(state, call);
  const bool inherits = call.words.empty() || call.query.is_true("defaultToGlobal");
  if (inherits) return {200, shown_config(state.settings.config_in_scope(scope))};
  if (const auto own = state.settings.config(scope)) return {200, shown_config(*own)};
  return error_answer(ErrorCode::no_subject_config,
                      "Subject '" + qualified_text(scope) +
                          "' does not have subject-level compatibility configured");
}

Answer put_config(RegistryState& state, const Call& call) {
  const Subject scope = scope_of(state, call);
  const auto config = kept_config(call.request.body);
  if (!config) return config.error();
  if (auto refused = refused_in_readonly(state, scope)) return *refused;
  state.settings.set_config(scope, *config);
  return {200, *config};
}

Answer delete_config(RegistryState& state, const Call& call) {
  const Subject scope = scope_of(state, call);
  const auto own = state.settings.config(scope);
  if (!own && !call.words.empty()) return subject_not_found(qualified_text(scope));
  if (auto refused = refused_in_readonly(state, scope)) return *refused;
  const std::string before = own.value_or(state.settings.config_in_scope(scope));
  state.settings.unset_config(scope);
  return {200, shown_config(before)};
}

Answer get_types(RegistryState&, const Call&) {
  return {200, list_body(std::vector<std::string>{"JSON", "PROTOBUF", "AVRO"})};
}

Answer get_identity(RegistryState&, const Call&) {
  return {200, R"({"scope":{"path":[],"clusters":{"kafka-cluster":"none",)"
               R"("schema-registry-cluster":"longspan-embedded"}},"id":""})"};
}

Answer get_root(RegistryState&, const Call&) { return {200, "{}"}; }

Answer get_faults(RegistryState& state, const Call&) { return {200, state.faults.json()}; }

Answer put_faults(RegistryState& state, const Call& call) {
  if (auto set = state.faults.set_json(call.request.body); !set) {
    return plain_error(400, set.error());
  }
  return {200, state.faults.json()};
}

Answer delete_faults(RegistryState& state, const Call&) {
  state.faults.clear();
  return {200, state.faults.json()};
}

}  // namespace longspan::embedded
