// tests/unit/mirror/schemas/registry_content.h - what registries hold, written down, and the plan
// from one to another in words.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mirror/schemas/plan.h"

namespace longspan {

inline Schema schema(const std::string& text, std::vector<SchemaReference> references = {}) {
  Schema out;
  out.text = "\"" + text + "\"";
  out.references = std::move(references);
  return out;
}

// A registry's content, written down version by version.
class Content {
 public:
  Content& has(const std::string& subject, std::int32_t version, std::int32_t id, Schema content) {
    at(subject).versions[version] = {id, std::move(content), false};
    return *this;
  }
  Content& deleted(const std::string& subject, std::int32_t version) {
    at(subject).versions[version].is_deleted = true;
    return *this;
  }
  Content& mode(const std::string& subject, const std::string& mode) {
    at(subject).mode = mode;
    return *this;
  }
  Content& config(const std::string& subject, const std::string& config) {
    at(subject).config = R"({"compatibility":")" + config + R"("})";
    return *this;
  }
  // Nobody uses it.
  Content& max_id(const std::string& context, std::int32_t id) {
    inventory_.max_ids[context] = {id, true};
    return *this;
  }
  Content& trouble(const std::string& subject) {
    inventory_.troubles[parse_subject(subject)] = RegistryError{};
    return *this;
  }
  // Of a context, ":.dr:", or of the registry: "".
  Content& scope_mode(const std::string& scope, const std::string& mode) {
    inventory_.scope_modes[parse_subject(scope)] = mode;
    return *this;
  }
  [[nodiscard]] const Inventory& inventory() const { return inventory_; }

 private:
  InventorySubject& at(const std::string& subject) {
    return inventory_.subjects[parse_subject(subject)];
  }
  Inventory inventory_;
};

inline Subject same(const Subject& subject) { return subject; }
inline Subject prefixed(const Subject& subject) {
  return {subject.context, subject.name == "common" ? subject.name : "east." + subject.name};
}

inline SchemaPlan plan_of(const Content& source, const Content& target,
                          const SchemaRules& rules = {same}) {
  return make_plan(source.inventory(), target.inventory(), rules);
}

// "missing orders-value 1 7"
inline std::vector<std::string> told(const SchemaPlan& plan) {
  std::vector<std::string> out;
  for (const auto& each : plan.differences) {
    out.push_back(std::string(name(each.kind)) + " " + each.subject.text() + " " +
                  std::to_string(each.version) + " " + std::to_string(each.id));
  }
  return out;
}

inline std::string text_of(const SchemaStep& step) {
  static constexpr const char* kNames[] = {"mode",   "import", "delete",
                                           "config", "unset",  "reserve"};
  return std::string(kNames[static_cast<std::size_t>(step.kind)]) + " " + step.what.subject.text() +
         " " + std::to_string(step.what.version) + " " + std::to_string(step.what.id);
}

inline std::vector<std::string> texts_of(const std::vector<SchemaStep>& steps) {
  std::vector<std::string> out;
  for (const auto& step : steps) out.push_back(text_of(step));
  return out;
}

// The steps that this one waits for.
inline std::vector<std::string> before(const SchemaPlan& plan, const std::string& step) {
  for (const auto* round : {&plan.imports, &plan.others}) {
    for (const auto& each : *round) {
      if (text_of(each) != step) continue;
      std::vector<std::string> out;
      for (const auto index : each.after) out.push_back(text_of((*round)[index]));
      return out;
    }
  }
  return {"there is no step " + step};
}

}  // namespace longspan
