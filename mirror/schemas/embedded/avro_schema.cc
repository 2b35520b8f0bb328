#include "mirror/schemas/embedded/avro_schema.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <utility>

#include "mirror/schemas/embedded/avro_default.h"

namespace longspan::embedded {
namespace {

using Json = nlohmann::ordered_json;

struct KindWord {
  AvroKind kind;
  std::string_view word;  // in a schema; the complex ones have no name of their own
  std::string_view text;  // in a message
};

constexpr auto kKinds = std::to_array<KindWord>({
    {AvroKind::null, "null", "NULL"},
    {AvroKind::boolean, "boolean", "BOOLEAN"},
    {AvroKind::integer, "int", "INT"},
    {AvroKind::long_integer, "long", "LONG"},
    {AvroKind::single, "float", "FLOAT"},
    {AvroKind::real, "double", "DOUBLE"},
    {AvroKind::bytes, "bytes", "BYTES"},
    {AvroKind::string, "string", "STRING"},
    {AvroKind::record, "record", "RECORD"},
    {AvroKind::enumeration, "enum", "ENUM"},
    {AvroKind::array, "array", "ARRAY"},
    {AvroKind::map, "map", "MAP"},
    {AvroKind::choice, "", "UNION"},
    {AvroKind::fixed, "fixed", "FIXED"},
});
constexpr std::size_t kPrimitives = 8;  // the first of them

// Thrown and caught in this file only: a parser that recurses would else hand every failure up by
// hand.
struct Malformed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

std::string required_text(const Json& json, const char* key, const std::string& without) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) throw Malformed(without + ": " + json.dump());
  return found->get<std::string>();
}

const Json& required_array(const Json& json, const char* key, const std::string& without) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_array()) throw Malformed(without + ": " + json.dump());
  return *found;
}

void check_name(const std::string& name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto is_inner = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  if (name.empty()) throw Malformed("Empty name");
  if (!is_letter(name.front())) throw Malformed("Illegal initial character: " + name);
  if (!std::all_of(name.begin(), name.end(), is_inner)) {
    throw Malformed("Illegal character in: " + name);
  }
}

std::string joined(const std::string& space, const std::string& name) {
  return space.empty() || name.find('.') != std::string::npos ? name : space + "." + name;
}

std::string last_part(const std::string& name) { return name.substr(name.rfind('.') + 1); }

std::string space_of(const std::string& full_name) {
  const std::size_t dot = full_name.rfind('.');
  return dot == std::string::npos ? std::string() : full_name.substr(0, dot);
}

std::vector<std::string> aliases_of(const Json& json) {
  const auto found = json.find("aliases");
  if (found == json.end()) return {};
  const auto is_text = [](const Json& alias) { return alias.is_string(); };
  if (!found->is_array() || !std::all_of(found->begin(), found->end(), is_text)) {
    throw Malformed("aliases not an array of names: " + json.dump());
  }
  return found->get<std::vector<std::string>>();
}

}  // namespace

class AvroParser {
 public:
  explicit AvroParser(Defaults defaults) : defaults_(defaults) {
    for (std::size_t i = 0; i < kPrimitives; ++i) {
      names_[std::string(kKinds[i].word)] = &added(kKinds[i].kind);
    }
  }

  void parse(const std::string& text) {
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) throw Malformed("not JSON: " + text);
    schema_.root_ = type_of(json, "");
  }

  AvroSchema take() { return std::move(schema_); }

 private:
  AvroType& added(AvroKind kind) {
    schema_.types_.push_back(std::make_unique<AvroType>());
    schema_.types_.back()->kind = kind;
    return *schema_.types_.back();
  }

  const AvroType* type_of(const Json& json, const std::string& space) {
    if (++nesting_ > kNestingMax) throw Malformed("nested too deeply");
    const AvroType* type = nullptr;
    if (json.is_string()) {
      type = named(json.get<std::string>(), space);
    } else if (json.is_array()) {
      type = choice_of(json, space);
    } else if (json.is_object()) {
      type = complex_of(json, space);
    } else {
      throw Malformed("Schema not yet supported: " + json.dump());
    }
    --nesting_;
    return type;
  }

  const AvroType* find(const std::string& name, const std::string& space) const {
    if (const auto found = names_.find(joined(space, name)); found != names_.end()) {
      return found->second;
    }
    const auto found = names_.find(name);  // as Avro does: else in no namespace
    return found == names_.end() ? nullptr : found->second;
  }

  const AvroType* named(const std::string& name, const std::string& space) const {
    const AvroType* found = find(name, space);
    if (found == nullptr) throw Malformed("Undefined name: " + quoted(joined(space, name)));
    return found;
  }

  const AvroType* choice_of(const Json& json, const std::string& space) {
    AvroType& type = added(AvroKind::choice);
    std::set<std::string> seen;
    for (const Json& branch : json) {
      const AvroType* parsed = type_of(branch, space);
      const std::string key =
          parsed->full_name.empty() ? std::string(kind_text(parsed->kind)) : parsed->full_name;
      if (parsed->kind == AvroKind::choice) throw Malformed("Nested union: " + json.dump());
      if (!seen.insert(key).second) throw Malformed("Duplicate in union:" + key);
      type.branches.push_back(parsed);
    }
    return &type;
  }

  const AvroType* complex_of(const Json& json, const std::string& space) {
    const std::string word = required_text(json, "type", "No type");
    if (word == "record" || word == "error") return record_of(json, space);
    if (word == "enum") return enumeration_of(json, space);
    if (word == "fixed") return fixed_of(json, space);
    if (word == "array") return container_of(AvroKind::array, json, "items", space);
    if (word == "map") return container_of(AvroKind::map, json, "values", space);
    if (const AvroType* found = find(word, space)) return found;
    throw Malformed("Type not supported: " + word);
  }

  const AvroType* container_of(AvroKind kind, const Json& json, const char* key,
                               const std::string& space) {
    AvroType& type = added(kind);
    const auto found = json.find(key);
    if (found == json.end()) throw Malformed("No " + std::string(key) + " type: " + json.dump());
    type.element = type_of(*found, space);
    return &type;
  }

  // A record, enumeration or fixed, known by its name from here on.
  AvroType& declared(AvroKind kind, const Json& json, const std::string& space) {
    const std::string name = required_text(json, "name", "No name in schema");
    const auto own = json.find("namespace");
    const bool has_own = own != json.end() && own->is_string();
    AvroType& type = added(kind);
    type.full_name = joined(has_own ? own->get<std::string>() : space, name);
    type.name = last_part(type.full_name);
    for (std::size_t at = 0; at <= type.full_name.size();) {
      const std::size_t dot = std::min(type.full_name.find('.', at), type.full_name.size());
      check_name(type.full_name.substr(at, dot - at));
      at = dot + 1;
    }
    for (const std::string& alias : aliases_of(json)) {
      type.aliases.push_back(joined(space_of(type.full_name), alias));
    }
    if (!names_.emplace(type.full_name, &type).second) {
      throw Malformed("Can't redefine: " + type.full_name);
    }
    return type;
  }

  const AvroType* record_of(const Json& json, const std::string& space) {
    AvroType& type = declared(AvroKind::record, json, space);
    std::set<std::string> seen;
    for (const Json& field : required_array(json, "fields", "Record has no fields")) {
      type.fields.push_back(field_of(field, space_of(type.full_name)));
      if (!seen.insert(type.fields.back().name).second) {
        throw Malformed("Duplicate field " + type.fields.back().name + " in record " +
                        type.full_name);
      }
    }
    return &type;
  }

  AvroField field_of(const Json& json, const std::string& space) {
    if (!json.is_object()) throw Malformed("Field is not an object: " + json.dump());
    AvroField field;
    field.name = required_text(json, "name", "No field name");
    check_name(field.name);
    field.aliases = aliases_of(json);
    if (json.find("type") == json.end()) throw Malformed("No field type: " + json.dump());
    field.type = type_of(json["type"], space);
    const auto found = json.find("default");
    field.has_default = found != json.end();
    if (defaults_ == Defaults::checked && field.has_default &&
        !is_default_of(*field.type, found->dump())) {
      throw Malformed("Invalid default for field " + field.name + ": " + found->dump() + " not a " +
                      std::string(kind_text(field.type->kind)));
    }
    return field;
  }

  const AvroType* enumeration_of(const Json& json, const std::string& space) {
    AvroType& type = declared(AvroKind::enumeration, json, space);
    for (const Json& symbol : required_array(json, "symbols", "Enum has no symbols")) {
      if (!symbol.is_string()) throw Malformed("Enum symbol is not a name: " + symbol.dump());
      check_name(symbol.get<std::string>());
      const auto& seen = type.symbols;
      if (std::find(seen.begin(), seen.end(), symbol.get<std::string>()) != seen.end()) {
        throw Malformed("Duplicate enum symbol: " + symbol.get<std::string>());
      }
      type.symbols.push_back(symbol.get<std::string>());
    }
    if (const auto found = json.find("default"); found != json.end() && found->is_string()) {
      type.default_symbol = found->get<std::string>();
      const auto& all = type.symbols;
      if (std::find(all.begin(), all.end(), *type.default_symbol) == all.end()) {
        throw Malformed("The Enum Default: " + *type.default_symbol +
                        " is not in the enum symbol set");
      }
    }
    return &type;
  }

  const AvroType* fixed_of(const Json& json, const std::string& space) {
    AvroType& type = declared(AvroKind::fixed, json, space);
    const auto found = json.find("size");
    if (found == json.end() || !found->is_number_integer() || found->get<std::int64_t>() < 0) {
      throw Malformed("Invalid or no size: " + json.dump());
    }
    type.size = found->get<std::int64_t>();
    return &type;
  }

  const Defaults defaults_;
  AvroSchema schema_;
  std::map<std::string, const AvroType*> names_;
  int nesting_ = 0;
};

std::string_view kind_text(AvroKind kind) { return kKinds[static_cast<std::size_t>(kind)].text; }

Result<AvroSchema, std::string> AvroSchema::parse(const std::string& text,
                                                  std::span<const std::string> referenced,
                                                  Defaults defaults) {
  try {
    AvroParser parser(defaults);
    for (const std::string& other : referenced) parser.parse(other);
    parser.parse(text);
    return parser.take();
  } catch (const std::exception& malformed) {
    return Unexpected<std::string>(malformed.what());
  }
}

}  // namespace longspan::embedded
