#include "mirror/schemas/embedded/bodies.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "mirror/schemas/embedded/guid.h"
#include "mirror/schemas/embedded/metadata.h"
#include "mirror/schemas/embedded/qualified_subject.h"

namespace longspan::embedded {
namespace {

using Json = nlohmann::ordered_json;

Answer malformed(const std::string& what) { return plain_error(400, what); }

bool is_given(const Json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && !found->is_null();
}

std::string text_of(const Json& object, const char* member) {
  return is_given(object, member) ? object[member].get<std::string>() : std::string();
}

// Absent below `min`: -1 and 0 are ways to say none.
std::optional<std::int32_t> number_of(const Json& object, const char* member, std::int64_t min) {
  if (!is_given(object, member)) return std::nullopt;
  if (!object[member].is_number_integer()) {
    throw std::invalid_argument(std::string(member) + " is not a whole number");
  }
  const auto number = object[member].get<std::int64_t>();
  if (number > std::numeric_limits<std::int32_t>::max()) {
    throw std::invalid_argument(std::string(member) + " is out of range");
  }
  if (number < min) return std::nullopt;
  return static_cast<std::int32_t>(number);
}

std::vector<SchemaReference> references_of(const Json& object) {
  std::vector<SchemaReference> references;
  if (!is_given(object, "references")) return references;
  for (const Json& one : object["references"]) {
    references.push_back(
        {text_of(one, "name"), text_of(one, "subject"), number_of(one, "version", 1).value_or(0)});
  }
  return references;
}

Result<PostedSchema, Answer> schema_of(const Json& object) {
  PostedSchema posted;
  posted.schema.text = text_of(object, "schema");
  if (is_given(object, "schemaType")) posted.schema.type = text_of(object, "schemaType");
  posted.schema.references = references_of(object);
  posted.id = number_of(object, "id", 0);
  posted.version = number_of(object, "version", 1);
  if (is_given(object, "metadata")) {
    posted.schema.metadata = kept_metadata(object["metadata"].dump());
  }
  if (is_given(object, "ruleSet")) {
    auto rules = kept_rule_set(object["ruleSet"].dump());
    if (!rules) return error_answer(ErrorCode::invalid_rule_set, rules.error().what);
    posted.schema.rule_set = *rules;
  }
  return posted;
}

Json references_json(const Schema& schema) {
  Json list = Json::array();
  for (const SchemaReference& reference : schema.references) {
    list.push_back(
        {{"name", reference.name}, {"subject", reference.subject}, {"version", reference.version}});
  }
  return list;
}

void add_schema(Json& body, const Schema& schema) {
  if (schema.type != "AVRO") body["schemaType"] = schema.type;
  if (!schema.references.empty()) body["references"] = references_json(schema);
  if (!schema.metadata.empty()) body["metadata"] = Json::parse(schema.metadata);
  if (!schema.rule_set.empty()) body["ruleSet"] = Json::parse(schema.rule_set);
  body["schema"] = schema.text;
}

}  // namespace

Result<PostedSchema, Answer> read_schema(const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return malformed("the body is not a JSON object");
  try {
    return schema_of(json);
  } catch (const std::exception& wrong) {
    return malformed(wrong.what());
  }
}

Result<std::optional<std::string>, Answer> read_text(const std::string& body, const char* member) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return malformed("the body is not a JSON object");
  if (!is_given(json, member)) return std::optional<std::string>();
  if (!json[member].is_string()) return malformed(std::string(member) + " is not a text");
  return std::optional(json[member].get<std::string>());
}

std::string version_body(const StoredVersion& stored, Shown shown) {
  Json body;
  body["subject"] = qualified_text(stored.subject);
  body["version"] = stored.version;
  body["id"] = stored.id;
  if (shown == Shown::all) body["guid"] = guid_of(stored.schema);
  add_schema(body, stored.schema);
  if (shown == Shown::all) body["deleted"] = stored.is_deleted;
  return body.dump();
}

std::string versions_body(const std::vector<const StoredVersion*>& all, Shown shown) {
  std::string out = "[";
  for (const StoredVersion* stored : all) {
    if (out.size() > 1) out += ",";
    out += version_body(*stored, shown);
  }
  return out + "]";
}

std::string schema_body(const StoredVersion& stored, Shown shown,
                        std::optional<std::int32_t> max_id) {
  Json body = Json::object();
  if (shown == Shown::all) body["guid"] = guid_of(stored.schema);
  add_schema(body, stored.schema);
  if (max_id) body["maxId"] = *max_id;
  return body.dump();
}

std::string registered_body(const StoredVersion& stored, bool is_populated) {
  Json body;
  body["id"] = stored.id;
  if (is_populated) {
    body["version"] = stored.version;
    add_schema(body, stored.schema);
  }
  return body.dump();
}

std::string users_body(const std::vector<const StoredVersion*>& users) {
  Json body = Json::array();
  for (const StoredVersion* user : users) {
    body.push_back({{"subject", qualified_text(user->subject)}, {"version", user->version}});
  }
  return body.dump();
}

std::string compatibility_body(const std::vector<std::string>& reasons, bool with_reasons) {
  Json body;
  body["is_compatible"] = reasons.empty();
  if (with_reasons) body["messages"] = reasons;
  return body.dump();
}

std::string list_body(const std::vector<std::string>& texts) { return Json(texts).dump(); }
std::string list_body(const std::vector<std::int32_t>& numbers) { return Json(numbers).dump(); }

std::string object_body(const char* member, const std::string& text) {
  Json body;
  body[member] = text;
  return body.dump();
}

bool is_utf8(const std::string& text) {
  try {
    (void)Json(text).dump();
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

}  // namespace longspan::embedded
