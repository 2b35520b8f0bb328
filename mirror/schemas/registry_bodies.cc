#include "mirror/schemas/registry_bodies.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "mirror/schemas/bounded_json.h"

namespace longspan {

namespace {

using nlohmann::json;

constexpr std::string_view kAddedByItself = "confluent:";
constexpr int kNoContent = 204;

const json* member(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> text_of(const json* value) {
  if (value == nullptr || !value->is_string()) return {};
  return value->get<std::string>();
}

// Of ids and versions.
std::optional<std::int32_t> number_of(const json* value) {
  if (value == nullptr || !value->is_number_integer()) return {};
  const auto number = value->get<std::int64_t>();
  if (number < 1 || number > std::numeric_limits<std::int32_t>::max()) return {};
  return static_cast<std::int32_t>(number);
}

bool is_nothing(const json& value) {
  return value.is_null() || (value.is_structured() && value.empty());
}

// Recursion is bounded: kJsonDepthMax.
void drop_nothings(json& value) {
  if (value.is_array()) std::for_each(value.begin(), value.end(), drop_nothings);
  if (!value.is_object()) return;
  for (auto at = value.begin(); at != value.end();) {
    drop_nothings(*at);
    at = is_nothing(*at) ? value.erase(at) : std::next(at);
  }
}

// Keys are sorted: nlohmann's object is a map.
std::string one_form(json value) {
  drop_nothings(value);
  return is_nothing(value) ? std::string() : value.dump();
}

std::string metadata_of(const json& object) {
  const json* const found = member(object, "metadata");
  if (found == nullptr) return {};
  json metadata = *found;
  const auto properties = metadata.is_object() ? metadata.find("properties") : metadata.end();
  if (metadata.is_object() && properties != metadata.end() && properties->is_object()) {
    for (auto at = properties->begin(); at != properties->end();) {
      at = at.key().starts_with(kAddedByItself) ? properties->erase(at) : std::next(at);
    }
  }
  return one_form(std::move(metadata));
}

std::optional<std::vector<SchemaReference>> references_of(const json& object) {
  std::vector<SchemaReference> references;
  const json* const found = member(object, "references");
  if (found == nullptr) return references;
  if (!found->is_array()) return {};
  for (const json& each : *found) {
    auto name = text_of(member(each, "name"));
    auto subject = text_of(member(each, "subject"));
    const auto version = number_of(member(each, "version"));
    if (!name || !subject || !version) return {};
    references.push_back({std::move(*name), std::move(*subject), *version});
  }
  return references;
}

std::optional<Schema> schema_of(const json& object) {
  auto text = text_of(member(object, "schema"));
  auto references = references_of(object);
  if (!text || !references) return {};
  const json* const rule_set = member(object, "ruleSet");
  Schema schema;
  if (const json* const type = member(object, "schemaType")) {
    if (!type->is_string()) return {};
    schema.type = type->get<std::string>();
  }
  schema.text = std::move(*text);
  schema.references = std::move(*references);
  schema.metadata = metadata_of(object);
  schema.rule_set = rule_set == nullptr ? std::string() : one_form(*rule_set);
  return schema;
}

// `null` is an empty list. Absent: no list, or one of them could not be read.
template <class T, class Read>
std::optional<std::vector<T>> list_of(const json& body, const Read& read) {
  std::vector<T> list;
  if (body.is_null()) return list;
  if (!body.is_array()) return {};
  for (const json& each : body) {
    std::optional<T> one = read(each);
    if (!one) return {};
    list.push_back(std::move(*one));
  }
  return list;
}

RegistryError odd(const RegistryAnswer& answer, const char* wanted) {
  return unintelligible(answer, std::string("not ") + wanted);
}

RegistryError not_sent(std::string why) {
  return {RegistryError::Kind::refused, 0, 0, std::move(why), "before it was sent"};
}

RegistryResult<std::string> written(const json& body) {
  try {
    return body.dump();
  } catch (const json::exception&) {
    return not_sent("a text of the schema is not UTF-8");
  }
}

// False: a text that is not JSON.
bool put_json(json& body, const char* name, const std::string& text) {
  if (text.empty()) return true;
  json value = parse_bounded(text);
  if (value.is_discarded()) return false;
  body[name] = std::move(value);
  return true;
}

// Absent: metadata or rule set are not JSON.
std::optional<json> body_of(const Schema& schema) {
  json body{{"schema", schema.text}};
  if (schema.type != "AVRO") body["schemaType"] = schema.type;  // older registries know no other
  for (const SchemaReference& each : schema.references) {
    body["references"].push_back(
        {{"name", each.name}, {"subject", each.subject}, {"version", each.version}});
  }
  const bool is_whole =
      put_json(body, "metadata", schema.metadata) && put_json(body, "ruleSet", schema.rule_set);
  if (!is_whole) return {};
  return body;
}

}  // namespace

// ".east". Apicurio has none, and answers always the same.
RegistryResult<std::vector<std::string>> read_contexts(const RegistryAnswer& answer) {
  const json body = parse_bounded(answer.body);
  if (body == json::array({":.:"})) {
    return RegistryError{RegistryError::Kind::unsupported, answer.status, 0,
                         "its list of contexts is an empty form", answer.where};
  }
  auto list = list_of<std::string>(body, [](const json& each) { return text_of(&each); });
  if (!list) return odd(answer, "a list of contexts");
  return std::move(*list);
}

RegistryResult<std::vector<Subject>> read_subjects(const RegistryAnswer& answer) {
  auto list =
      list_of<Subject>(parse_bounded(answer.body), [](const json& each) -> std::optional<Subject> {
        const auto text = text_of(&each);
        if (!text) return {};
        return parse_subject(*text);
      });
  if (!list) return odd(answer, "a list of subjects");
  return std::move(*list);
}

RegistryResult<std::vector<std::int32_t>> read_versions(const RegistryAnswer& answer) {
  auto list = list_of<std::int32_t>(parse_bounded(answer.body),
                                    [](const json& each) { return number_of(&each); });
  if (!list) return odd(answer, "a list of versions");
  std::sort(list->begin(), list->end());
  return std::move(*list);
}

RegistryResult<std::optional<RegisteredSchema>> read_registered(const RegistryAnswer& answer,
                                                                const SubjectVersion& asked) {
  const json body = parse_bounded(answer.body);
  auto schema = schema_of(body);
  const auto version = number_of(member(body, "version"));
  const auto id = number_of(member(body, "id"));
  if (!schema || !version || !id) return odd(answer, "a version of a subject");
  if (*version != asked.version) return odd(answer, "the version that was asked for");
  return std::optional(RegisteredSchema{asked.subject, *version, *id, std::move(*schema)});
}

RegistryResult<std::vector<ListedVersion>> read_listed(const RegistryAnswer& answer) {
  auto list = list_of<ListedVersion>(
      parse_bounded(answer.body), [](const json& each) -> std::optional<ListedVersion> {
        auto schema = schema_of(each);
        const auto subject = text_of(member(each, "subject"));
        const auto version = number_of(member(each, "version"));
        const auto id = number_of(member(each, "id"));
        if (!schema || !subject || !version || !id) return {};
        ListedVersion read{{parse_subject(*subject), *version, *id, std::move(*schema)}, {}};
        const json* const deleted = member(each, "deleted");
        if (deleted != nullptr && deleted->is_boolean()) read.is_deleted = deleted->get<bool>();
        return read;
      });
  if (!list) return odd(answer, "a list of schemas");
  return std::move(*list);
}

RegistryResult<std::optional<Schema>> read_schema(const RegistryAnswer& answer) {
  auto schema = schema_of(parse_bounded(answer.body));
  if (!schema) return odd(answer, "a schema");
  return schema;
}

RegistryResult<std::vector<SubjectVersion>> read_users(const RegistryAnswer& answer) {
  auto list = list_of<SubjectVersion>(parse_bounded(answer.body),
                                      [](const json& each) -> std::optional<SubjectVersion> {
                                        const auto subject = text_of(member(each, "subject"));
                                        const auto version = number_of(member(each, "version"));
                                        if (!subject || !version) return {};
                                        return SubjectVersion{parse_subject(*subject), *version};
                                      });
  if (!list) return odd(answer, "a list of subjects with versions");
  return std::move(*list);
}

RegistryResult<std::optional<std::int32_t>> read_max_id(const RegistryAnswer& answer) {
  const json body = parse_bounded(answer.body);
  if (!body.is_object()) return odd(answer, "a schema");
  const json* const highest = member(body, "maxId");
  if (highest != nullptr && !number_of(highest)) return odd(answer, "a highest id");
  return number_of(highest);
}

RegistryResult<std::optional<std::string>> read_mode(const RegistryAnswer& answer) {
  if (answer.status == kNoContent) return std::optional<std::string>();
  auto mode = text_of(member(parse_bounded(answer.body), "mode"));
  if (!mode) return odd(answer, "a mode");
  return mode;
}

RegistryResult<std::optional<std::string>> read_config(const RegistryAnswer& answer) {
  if (answer.status == kNoContent) return std::optional<std::string>();
  json body = parse_bounded(answer.body);
  if (!body.is_object()) return odd(answer, "a configuration");
  if (auto level = text_of(member(body, "compatibilityLevel"))) {
    body["compatibility"] = std::move(*level);
  }
  body.erase("compatibilityLevel");
  std::string text = one_form(std::move(body));
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

RegistryResult<std::int32_t> read_id(const RegistryAnswer& answer) {
  const auto id = number_of(member(parse_bounded(answer.body), "id"));
  if (!id) return odd(answer, "an id");
  return *id;
}

RegistryResult<CompatibilityAnswer> read_compatibility(const RegistryAnswer& answer) {
  const json body = parse_bounded(answer.body);
  const json* const verdict = member(body, "is_compatible");
  if (verdict == nullptr || !verdict->is_boolean()) return odd(answer, "a verdict");
  CompatibilityAnswer read{verdict->get<bool>(), {}};
  const json* const reasons = member(body, "messages");
  if (reasons == nullptr) return read;
  auto list = list_of<std::string>(*reasons, [](const json& each) -> std::optional<std::string> {
    auto text = text_of(&each);
    if (text) return registry_words(std::move(*text));
    return text;
  });
  if (!list) return odd(answer, "a verdict with reasons");
  read.reasons = std::move(*list);
  return read;
}

RegistryResult<std::string> write_import(const RegisteredSchema& schema) {
  auto body = body_of(schema.schema);
  if (!body) return not_sent("metadata or rule set are not JSON");
  (*body)["id"] = schema.id;
  (*body)["version"] = schema.version;
  return written(*body);
}

RegistryResult<std::string> write_schema(const Schema& schema) {
  const auto body = body_of(schema);
  if (!body) return not_sent("metadata or rule set are not JSON");
  return written(*body);
}

RegistryResult<std::string> write_mode(const std::string& mode) {
  return written(json{{"mode", mode}});
}

}  // namespace longspan
