#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "lagcalc/json_depth.h"
#include "lagcalc/stamps/avro_projection.h"

namespace longspan {
namespace {

using Json = nlohmann::json;

constexpr int kSchemaDepthMax = 4 * AvroProjection::kDepthMax;

std::optional<std::string> text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

const Json* part_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

bool is_record(std::string_view type) { return type == "record" || type == "error"; }
bool is_named(std::string_view type) {
  return is_record(type) || type == "enum" || type == "fixed";
}

struct FullName {
  std::string name;        // with its namespace
  std::string name_space;  // what names within it are relative to
};

FullName full_name(const std::string& name, const std::string& name_space) {
  if (const auto dot = name.rfind('.'); dot != std::string::npos) {
    return {dot == 0 ? name.substr(1) : name, name.substr(0, dot)};
  }
  return {name_space.empty() ? name : name_space + "." + name, name_space};
}

FullName full_name(const Json& definition, const std::string& outer) {
  return full_name(text_of(definition, "name").value_or(""),
                   text_of(definition, "namespace").value_or(outer));
}

// What is wanted of a type.
struct Want {
  enum class Role : std::uint8_t { nothing, change, source, row, field } role = Role::nothing;
  ChangeField field = ChangeField::none;
};

class Compiler {
 public:
  explicit Compiler(const StampNames& names) : names_(names) {}

  void look_through(std::string_view text) {
    const bool has_it = text.find(kRowContextField) != std::string_view::npos;
    may_have_row_context_ = may_have_row_context_ || has_it;
  }

  // Finds the definitions of a text; the text outlives the compiler.
  void collect(const Json& type, const std::string& outer, int depth = 0) {
    if (depth > AvroProjection::kDepthMax) {
      refuse("has types too deep in each other");
      return;
    }
    if (type.is_array()) {
      for (const Json& branch : type) collect(branch, outer, depth + 1);
      return;
    }
    if (!type.is_object()) return;
    const FullName own = full_name(type, outer);
    const auto kind = text_of(type, "type");
    if (kind && is_named(*kind)) define(type, own, outer);
    const auto& space = kind && is_record(*kind) ? own.name_space : outer;
    if (const Json* fields = part_of(type, "fields"); fields != nullptr && fields->is_array()) {
      for (const Json& field : *fields) {
        if (field.is_object() && field.contains("type")) collect(field["type"], space, depth + 1);
      }
    }
    for (const char* key : {"type", "items", "values"}) {
      if (const Json* inner = part_of(type, key)) collect(*inner, outer, depth + 1);
    }
  }

  AvroNode root(const Json& schema) {
    AvroNode out = node(schema, "", {Want::Role::change}, 0);
    if (!refusal_.empty()) return out;
    program_.root = out;
    cut(program_.root);
    return out;
  }

  [[nodiscard]] const std::string& refusal() const { return refusal_; }
  [[nodiscard]] bool wants_anything() const { return wants_anything_; }
  [[nodiscard]] bool wants_row_context() const { return wants_row_context_; }
  AvroProgram take() { return std::move(program_); }

 private:
  struct Definition {
    const Json* json = nullptr;
    std::string outer;
  };

  AvroNode refuse(const std::string& why) {
    if (refusal_.empty()) refusal_ = why;
    return {};
  }

  void define(const Json& definition, const FullName& own, const std::string& outer) {
    const auto [at, is_new] = definitions_.try_emplace(own.name, Definition{&definition, outer});
    if (!is_new && *at->second.json != definition) refuse("defines " + own.name + " twice");
  }

  const Definition* find(const std::string& name, const std::string& space) const {
    auto found = definitions_.find(full_name(name, space).name);
    if (found == definitions_.end()) found = definitions_.find(name);
    return found == definitions_.end() ? nullptr : &found->second;
  }

  // A type in any of its spellings: a name, a union, an object.
  AvroNode node(const Json& type, const std::string& space, Want want, int depth) {
    if (depth > AvroProjection::kDepthMax) return refuse("has types too deep in each other");
    if (!refusal_.empty()) return {};
    if (type.is_array()) return alternatives(type, space, want, depth);
    if (type.is_string()) return named(type.get<std::string>(), space, want, depth);
    if (!type.is_object()) return refuse("has a type that is none");
    const auto kind = text_of(type, "type");
    if (!kind) {
      const Json* inner = part_of(type, "type");
      if (inner == nullptr) return refuse("has an object without a type");
      return node(*inner, space, want, depth + 1);
    }
    if (is_record(*kind)) return record(type, space, want, depth);
    if (*kind == "enum") return enumeration(type, want);
    if (*kind == "fixed") return fixed(type);
    if (*kind == "array") return repeated(AvroKind::array, type, "items", {space, depth});
    if (*kind == "map") return repeated(AvroKind::map, type, "values", {space, depth});
    return named(*kind, space, want, depth);
  }

  AvroNode named(const std::string& name, const std::string& space, Want want, int depth) {
    if (name == "null") return {};
    if (name == "float") return {AvroKind::fixed, ChangeField::none, {}, 0, 4};
    if (name == "double") return {AvroKind::fixed, ChangeField::none, {}, 0, 8};
    const bool is_wanted = want.field != ChangeField::none;
    if (name == "int" || name == "long") {
      return {is_wanted ? AvroKind::wanted_number : AvroKind::number, want.field};
    }
    if (name == "string" || name == "bytes") {
      return {is_wanted ? AvroKind::wanted_sized : AvroKind::sized, want.field};
    }
    if (name == "boolean") {
      return {is_wanted ? AvroKind::wanted_boolean : AvroKind::fixed, want.field, {}, 0, 1};
    }
    const Definition* const found = find(name, space);
    if (found == nullptr) return refuse("names " + name + ", which is not defined");
    return node(*found->json, found->outer, want, depth + 1);
  }

  AvroNode fixed(const Json& type) {
    const Json* const size = part_of(type, "size");
    const bool is_size =
        size != nullptr && size->is_number_unsigned() && size->get<std::uint64_t>() <= INT32_MAX;
    if (!is_size) return refuse("has a fixed type without a size");
    return {AvroKind::fixed, ChangeField::none, {}, 0, size->get<std::uint32_t>()};
  }

  AvroNode enumeration(const Json& type, Want want) {
    const Json* const symbols = part_of(type, "symbols");
    if (want.field == ChangeField::none || symbols == nullptr || !symbols->is_array()) {
      return {AvroKind::number};
    }
    const auto first = static_cast<std::uint32_t>(program_.symbols.size());
    for (const Json& symbol : *symbols) {
      program_.symbols.push_back(symbol.is_string() ? symbol.get<std::string>() : "");
    }
    return {
        AvroKind::wanted_enum, want.field, {}, first, static_cast<std::uint32_t>(symbols->size())};
  }

  struct Place {
    const std::string& space;
    int depth;
  };

  AvroNode repeated(AvroKind kind, const Json& type, const char* key, Place place) {
    const Json* const inner = part_of(type, key);
    if (inner == nullptr) return refuse(std::string("has a type without ") + key);
    const auto first = reserve(1);
    put(first, node(*inner, place.space, {}, place.depth + 1));
    return {kind, ChangeField::none, {}, first, 1};
  }

  AvroNode alternatives(const Json& type, const std::string& space, Want want, int depth) {
    const auto first = reserve(type.size());
    for (std::size_t i = 0; i < type.size() && refusal_.empty(); ++i) {
      put(first + i, node(type[i], space, want, depth + 1));
    }
    return {AvroKind::alternatives,
            ChangeField::none,
            {},
            first,
            static_cast<std::uint32_t>(type.size())};
  }

  // A record that was compiled for the same is the same nodes, so it may contain itself.
  AvroNode record(const Json& type, const std::string& outer, Want want, int depth) {
    const Json* const fields = part_of(type, "fields");
    if (fields == nullptr || !fields->is_array()) {
      return refuse("has a record without fields");
    }
    if (want.role == Want::Role::field) want = {};
    if (text_of(type, "name").value_or("").empty()) return refuse("has a record without a name");
    const FullName own = full_name(type, outer);
    const auto [known, is_new] = records_.try_emplace({own.name, want.role});
    if (!is_new) return known->second;
    const ChangeShape shape =
        want.role == Want::Role::change ? shape_of(*fields, own.name_space) : ChangeShape::other;
    const auto first = reserve(fields->size());
    const AvroNode out{AvroKind::record, ChangeField::none, shape, first,
                       static_cast<std::uint32_t>(fields->size())};
    known->second = out;
    for (std::size_t i = 0; i < fields->size() && refusal_.empty(); ++i) {
      const Json& field = (*fields)[i];
      const auto name = field.is_object() ? text_of(field, "name") : std::nullopt;
      if (!name || !field.contains("type")) {
        refuse("has a field without name or type");
        break;
      }
      put(first + i,
          node(field["type"], own.name_space, want_of(*name, want.role, shape), depth + 1));
    }
    return out;
  }

  Want want_of(std::string_view field, Want::Role role, ChangeShape shape) {
    Want out;
    const bool is_row =
        role == Want::Role::row || (role == Want::Role::change && shape != ChangeShape::envelope);
    if (role == Want::Role::source) out.field = source_field(field);
    if (is_row && field == kRowContextField) {
      out.field = ChangeField::row_context;
      wants_row_context_ = true;
    } else if (role == Want::Role::change && shape == ChangeShape::flattened) {
      out.field = flat_field(field, names_);
    } else if (role == Want::Role::change) {
      out.field = envelope_field(field);
      const bool is_source = shape == ChangeShape::envelope && field == "source";
      if (is_source) out.role = Want::Role::source;
      const bool is_row_of_change = shape == ChangeShape::envelope && field == "after";
      if (is_row_of_change && may_have_row_context_) out.role = Want::Role::row;
    }
    if (out.field != ChangeField::none) out.role = Want::Role::field;
    wants_anything_ =
        wants_anything_ || out.field != ChangeField::none || out.role == Want::Role::source;
    return out;
  }

  ChangeShape shape_of(const Json& fields, const std::string& space) const {
    bool is_flat = false;
    for (const Json& field : fields) {
      const auto name = field.is_object() ? text_of(field, "name") : std::nullopt;
      if (!name || !field.contains("type")) continue;
      if (*name == "source" && has_times(field["type"], space, 0)) return ChangeShape::envelope;
      is_flat = is_flat || flat_field(*name, names_) != ChangeField::none;
    }
    return is_flat ? ChangeShape::flattened : ChangeShape::other;
  }

  // Whether a type is a record with a commit time, or may be one.
  bool has_times(const Json& type, const std::string& space, int depth) const {
    if (depth > AvroProjection::kDepthMax) return false;
    if (type.is_array()) {
      return std::any_of(type.begin(), type.end(),
                         [&](const Json& branch) { return has_times(branch, space, depth + 1); });
    }
    if (type.is_string()) {
      const Definition* const found = find(type.get<std::string>(), space);
      return found != nullptr && has_times(*found->json, found->outer, depth + 1);
    }
    if (!type.is_object()) return false;
    const Json* const fields = part_of(type, "fields");
    if (fields == nullptr || !fields->is_array()) {
      const Json* const inner = part_of(type, "type");
      return inner != nullptr && has_times(*inner, space, depth + 1);
    }
    return std::any_of(fields->begin(), fields->end(), [](const Json& field) {
      const auto name = field.is_object() ? text_of(field, "name") : std::nullopt;
      return name && name->starts_with("ts_") && source_field(*name) != ChangeField::none;
    });
  }

  std::uint32_t reserve(std::size_t count) {
    const std::size_t first = program_.nodes.size();
    if (first + count > AvroProjection::kNodesMax) {
      refuse("has too many types");
      return 0;
    }
    program_.nodes.resize(first + count);
    return static_cast<std::uint32_t>(first);
  }

  void put(std::size_t at, const AvroNode& value) {
    if (refusal_.empty()) program_.nodes[at] = value;
  }

  // Drops what stands behind the last wanted field of the outermost records.
  void cut(AvroNode& node) {
    if (node.kind == AvroKind::alternatives) {
      for (std::uint32_t i = 0; i < node.count; ++i) cut(program_.nodes[node.first + i]);
    }
    if (node.kind != AvroKind::record) return;
    while (node.count > 0 && !takes(program_.nodes[node.first + node.count - 1])) --node.count;
    if (node.count > 0) cut(program_.nodes[node.first + node.count - 1]);
  }

  // `source`, `after` and their unions are the only wanted fields with fields of their own.
  [[nodiscard]] bool takes(const AvroNode& node) const {
    if (node.field != ChangeField::none) return true;
    if (node.kind == AvroKind::record) return is_source(node) || takes_of_row(node);
    if (node.kind != AvroKind::alternatives) return false;
    const auto branches = program_.nodes.begin() + node.first;
    return std::any_of(branches, branches + node.count, [&](const AvroNode& branch) {
      return branch.field != ChangeField::none ||
             (branch.kind == AvroKind::record && (is_source(branch) || takes_of_row(branch)));
    });
  }

  [[nodiscard]] bool takes_of_row(const AvroNode& record) const {
    const auto fields = program_.nodes.begin() + record.first;
    return std::any_of(fields, fields + record.count, [&](const AvroNode& field) {
      if (field.kind != AvroKind::alternatives) return field.field == ChangeField::row_context;
      const auto branches = program_.nodes.begin() + field.first;
      return std::any_of(branches, branches + field.count, [](const AvroNode& branch) {
        return branch.field == ChangeField::row_context;
      });
    });
  }

  [[nodiscard]] bool is_source(const AvroNode& node) const {
    return std::any_of(records_.begin(), records_.end(), [&](const auto& known) {
      return known.first.second == Want::Role::source && known.second.first == node.first;
    });
  }

  const StampNames& names_;
  std::map<std::string, Definition> definitions_;
  std::map<std::pair<std::string, Want::Role>, AvroNode> records_;
  AvroProgram program_;
  std::string refusal_;
  bool wants_anything_ = false;
  bool may_have_row_context_ = false;
  bool wants_row_context_ = false;
};

}  // namespace

Result<AvroProjection> AvroProjection::compile(std::string_view schema,
                                               std::span<const std::string_view> references,
                                               const StampNames& names) {
  std::vector<Json> trees;
  trees.reserve(references.size() + 1);
  const auto parse = [&](std::string_view text) {
    if (text.size() > kSchemaBytesMax || !is_shallow(text, kSchemaDepthMax)) return false;
    trees.push_back(Json::parse(text.begin(), text.end(), nullptr, false));
    return !trees.back().is_discarded();
  };
  if (!parse(schema) || !std::all_of(references.begin(), references.end(), parse)) {
    return fail(Next::refuse_record, "schema is not JSON, or too large or deep");
  }
  Compiler compiler(names);
  compiler.look_through(schema);
  for (const std::string_view text : references) compiler.look_through(text);
  for (const Json& tree : trees) compiler.collect(tree, "");
  if (compiler.refusal().empty()) compiler.root(trees.front());
  if (!compiler.refusal().empty()) {
    return fail(Next::refuse_record, "schema " + compiler.refusal());
  }
  AvroProjection out(compiler.take(), compiler.wants_anything());
  out.reads_row_context_ = compiler.wants_row_context();
  return out;
}

}  // namespace longspan
