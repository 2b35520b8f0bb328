#include "mirror/schemas/embedded/parsing.h"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "mirror/schemas/embedded/qualified_subject.h"

namespace longspan::embedded {
namespace {

using Json = nlohmann::ordered_json;

Unexpected<Answer> invalid(const std::string& type, const std::string& what) {
  return Unexpected<Answer>(error_answer(ErrorCode::invalid_schema,
                                         "Invalid schema of type " + type + ", details: " + what));
}

// The texts that a schema's names may come from: what is referred to before who refers.
class ReferencedTexts {
 public:
  explicit ReferencedTexts(const SchemaStore& store) : store_(store) {}

  Result<void, std::string> add(const Schema& schema, const std::string& context) {
    for (const SchemaReference& reference : schema.references) {
      const Subject subject = referenced_subject(reference, context);
      if (!seen_.insert({subject, reference.version}).second) continue;
      const StoredVersion* found = store_.find(subject, reference.version);
      if (found == nullptr) {
        return Unexpected<std::string>("No schema reference found for subject \"" +
                                       qualified_text(subject) + "\" and version " +
                                       std::to_string(reference.version));
      }
      if (auto added = add(found->schema, subject.context); !added) return added;
      texts_.push_back(found->schema.text);
    }
    return {};
  }

  [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }

 private:
  const SchemaStore& store_;
  std::set<std::pair<Subject, std::int32_t>> seen_;
  std::vector<std::string> texts_;
};

Result<ParsedSchema, std::string> parsed(const Schema& schema,
                                         const std::vector<std::string>& referenced,
                                         Defaults defaults) {
  ParsedSchema out{schema.type, schema.text, std::nullopt};
  if (schema.type != "AVRO") return out;
  auto avro = AvroSchema::parse(schema.text, referenced, defaults);
  if (!avro) return Unexpected<std::string>(avro.error());
  out.avro = std::move(avro).value();
  return out;
}

}  // namespace

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

Result<ParsedSchema, Answer> understand(const SchemaStore& store, const std::string& context,
                                        Schema& schema, Defaults defaults) {
  const bool is_json = schema.type == "AVRO" || schema.type == "JSON";
  if (!is_json && schema.type != "PROTOBUF") {
    return error_answer(ErrorCode::invalid_schema, "Invalid schema type " + schema.type);
  }
  if (is_json) {
    if (is_nested_too_deeply(schema.text)) return invalid(schema.type, "nested too deeply");
    const Json json = Json::parse(schema.text, nullptr, false);
    if (json.is_discarded()) return invalid(schema.type, "not JSON: " + schema.text);
    schema.text = json.dump();
  }
  ReferencedTexts referenced(store);
  if (auto added = referenced.add(schema, context); !added) {
    return invalid(schema.type, added.error());
  }
  auto out = parsed(schema, referenced.texts(), defaults);
  if (!out) return invalid(schema.type, out.error());
  return std::move(out).value();
}

ParsedVersion understood(const SchemaStore& store, const StoredVersion& stored) {
  ReferencedTexts referenced(store);
  // What it refers to may have been deleted for good since, if it is itself deleted.
  (void)referenced.add(stored.schema, stored.subject.context);
  auto out = parsed(stored.schema, referenced.texts(), Defaults::taken);
  return {stored.version,
          out ? std::move(out).value() : ParsedSchema{stored.schema.type, stored.schema.text, {}}};
}

}  // namespace longspan::embedded
