#include "mirror/schemas/embedded/avro_compatibility.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace longspan::embedded {
namespace {

using Kind = Incompatibility::Kind;
using Found = std::vector<Incompatibility>;

void append(Found& all, const Found& more) { all.insert(all.end(), more.begin(), more.end()); }

template <class T>
bool contains(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// The writer's kinds that the reader's kind is read from besides itself.
bool is_promoted(AvroKind reader, AvroKind writer) {
  switch (reader) {
    case AvroKind::long_integer:
      return writer == AvroKind::integer;
    case AvroKind::single:
      return writer == AvroKind::integer || writer == AvroKind::long_integer;
    case AvroKind::real:
      return writer == AvroKind::integer || writer == AvroKind::long_integer ||
             writer == AvroKind::single;
    case AvroKind::bytes:
      return writer == AvroKind::string;
    case AvroKind::string:
      return writer == AvroKind::bytes;
    default:
      return false;
  }
}

const AvroField* find_field(const AvroType& record, const std::string& name) {
  const auto found = std::find_if(record.fields.begin(), record.fields.end(),
                                  [&](const AvroField& field) { return field.name == name; });
  return found == record.fields.end() ? nullptr : &*found;
}

// By its name, else by the first alias that the writer knows.
const AvroField* writer_field(const AvroType& writer, const AvroField& reader) {
  if (const AvroField* direct = find_field(writer, reader.name)) return direct;
  for (const std::string& alias : reader.aliases) {
    if (const AvroField* found = find_field(writer, alias)) return found;
  }
  return nullptr;
}

class Resolution {
 public:
  Found check(const AvroType& reader, const AvroType& writer) {
    const auto [known, is_new] = results_.try_emplace({&reader, &writer});
    if (!is_new) return known->second;  // of a recursion: nothing, as long as it is under way
    Found found = compare(reader, writer);
    results_[{&reader, &writer}] = found;
    return found;
  }

 private:
  // What `step` says belongs to this place below the current one.
  template <class Step>
  auto at(std::string place, Step step) {
    path_.push_back(std::move(place));
    auto result = step();
    path_.pop_back();
    return result;
  }

  Found one(Kind kind, std::string message) const {
    std::string path;
    for (const std::string& place : path_) path += "/" + place;
    return {{kind, path.empty() ? "/" : path, std::move(message)}};
  }

  Found compare(const AvroType& reader, const AvroType& writer) {
    if (reader.kind == writer.kind) return compare_alike(reader, writer);
    if (writer.kind == AvroKind::choice) {
      Found found;
      for (const AvroType* branch : writer.branches) append(found, check(reader, *branch));
      return found;
    }
    if (reader.kind == AvroKind::choice) return compare_choice(reader, writer);
    if (is_promoted(reader.kind, writer.kind)) return {};
    return one(Kind::type_mismatch,
               "reader type: " + std::string(kind_text(reader.kind)) +
                   " not compatible with writer type: " + std::string(kind_text(writer.kind)));
  }

  Found compare_alike(const AvroType& reader, const AvroType& writer) {
    switch (reader.kind) {
      case AvroKind::array:
        return at("items", [&] { return check(*reader.element, *writer.element); });
      case AvroKind::map:
        return at("values", [&] { return check(*reader.element, *writer.element); });
      case AvroKind::fixed:
      case AvroKind::enumeration:
      case AvroKind::record:
        return compare_named(reader, writer);
      case AvroKind::choice:
        return compare_choices(reader, writer);
      default:
        return {};
    }
  }

  Found compare_named(const AvroType& reader, const AvroType& writer) {
    Found found;
    if (reader.name != writer.name && !contains(reader.aliases, writer.full_name)) {
      found = at("name", [&] { return one(Kind::name_mismatch, "expected: " + writer.full_name); });
    }
    if (reader.kind == AvroKind::fixed) append(found, compare_sizes(reader, writer));
    if (reader.kind == AvroKind::enumeration) append(found, compare_symbols(reader, writer));
    if (reader.kind == AvroKind::record) append(found, compare_fields(reader, writer));
    return found;
  }

  Found compare_sizes(const AvroType& reader, const AvroType& writer) {
    if (reader.size == writer.size) return {};
    return at("size", [&] {
      return one(Kind::fixed_size_mismatch, "expected: " + std::to_string(writer.size) +
                                                ", found: " + std::to_string(reader.size));
    });
  }

  Found compare_symbols(const AvroType& reader, const AvroType& writer) {
    const std::set<std::string> wanted(writer.symbols.begin(), writer.symbols.end());
    std::string missing;
    for (const std::string& symbol : wanted) {
      if (contains(reader.symbols, symbol)) continue;
      missing += (missing.empty() ? "" : ", ") + symbol;
    }
    if (missing.empty() || reader.default_symbol) return {};
    return at("symbols", [&] { return one(Kind::missing_enum_symbols, "[" + missing + "]"); });
  }

  Found compare_fields(const AvroType& reader, const AvroType& writer) {
    Found found;
    path_.emplace_back("fields");
    for (std::size_t i = 0; i < reader.fields.size(); ++i) {
      append(found, at(std::to_string(i), [&] { return compare_field(reader.fields[i], writer); }));
    }
    path_.pop_back();
    return found;
  }

  Found compare_field(const AvroField& reader, const AvroType& record) {
    if (const AvroField* writer = writer_field(record, reader)) {
      return at("type", [&] { return check(*reader.type, *writer->type); });
    }
    // An enumeration's own default stands in for the field's.
    if (reader.has_default || reader.type->default_symbol) return {};
    return one(Kind::reader_field_missing_default_value, reader.name);
  }

  // Each branch of the writer must be readable.
  Found compare_choices(const AvroType& reader, const AvroType& writer) {
    Found found;
    for (std::size_t i = 0; i < writer.branches.size(); ++i) {
      append(found,
             at(std::to_string(i), [&] { return compare_choice(reader, *writer.branches[i]); }));
    }
    return found;
  }

  Found compare_choice(const AvroType& reader, const AvroType& writer) {
    const auto reads = [&](const AvroType* branch) { return check(*branch, writer).empty(); };
    if (std::any_of(reader.branches.begin(), reader.branches.end(), reads)) return {};
    return one(Kind::missing_union_branch,
               "reader union lacking writer type: " + std::string(kind_text(writer.kind)));
  }

  std::vector<std::string> path_;
  std::map<std::pair<const AvroType*, const AvroType*>, Found> results_;
};

std::string_view kind_word(Kind kind) {
  switch (kind) {
    case Kind::name_mismatch:
      return "NAME_MISMATCH";
    case Kind::fixed_size_mismatch:
      return "FIXED_SIZE_MISMATCH";
    case Kind::missing_enum_symbols:
      return "MISSING_ENUM_SYMBOLS";
    case Kind::reader_field_missing_default_value:
      return "READER_FIELD_MISSING_DEFAULT_VALUE";
    case Kind::type_mismatch:
      return "TYPE_MISMATCH";
    case Kind::missing_union_branch:
      return "MISSING_UNION_BRANCH";
  }
  return "";
}

std::string description(const Incompatibility& found, const std::string& reader,
                        const std::string& writer) {
  const std::string path = "path '" + found.path + "'";
  switch (found.kind) {
    case Kind::name_mismatch:
      return "The name of the schema has changed (" + path + ")";
    case Kind::fixed_size_mismatch:
      return "The size of FIXED type field at " + path + " in the " + reader +
             " schema does not match with the " + writer + " schema";
    case Kind::missing_enum_symbols:
      return "The " + reader + " schema is missing enum symbols '" + found.message + "' at " +
             path + " in the " + writer + " schema";
    case Kind::reader_field_missing_default_value:
      return "The field '" + found.message + "' at " + path + " in the " + reader +
             " schema has no default value and is missing in the " + writer + " schema";
    case Kind::type_mismatch:
      return "The type (" + path + ") of a field in the " + reader +
             " schema does not match with the " + writer + " schema";
    case Kind::missing_union_branch:
      return "The " + reader + " schema is missing a type inside a union field at " + path +
             " in the " + writer + " schema";
  }
  return "";
}

}  // namespace

std::vector<Incompatibility> incompatibilities(const AvroType& reader, const AvroType& writer) {
  return Resolution().check(reader, writer);
}

std::string incompatibility_text(const Incompatibility& found, std::string_view reader,
                                 std::string_view writer) {
  return "{errorType:'" + std::string(kind_word(found.kind)) + "', description:'" +
         description(found, std::string(reader), std::string(writer)) + "', additionalInfo:'" +
         found.message + "'}";
}

}  // namespace longspan::embedded
