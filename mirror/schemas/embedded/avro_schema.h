// mirror/schemas/embedded/avro_schema.h - an Avro schema, parsed: what its names stand for.
//
// Only what resolution looks at is kept: documentation, order and logical types are not.
//
// Errors:  one sentence in the words of Avro's own parser: "Undefined name: \"Address\"".
// Limits:  nesting up to kNestingMax.
// Threads: values; a parsed schema is constant.
// Owns:    an AvroSchema owns its types; those of referenced schemas are parsed anew into it.
// Source:  Avro 1.12 specification, "Schema Declaration"; org.apache.avro.Schema.Parser.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lagcalc/result.h"

namespace longspan::embedded {

inline constexpr int kNestingMax = 200;

enum class AvroKind : std::uint8_t {
  null,
  boolean,
  integer,
  long_integer,
  single,
  real,
  bytes,
  string,
  record,
  enumeration,
  array,
  map,
  choice,  // Avro's union
  fixed,
};

// As Avro writes it in messages: INT, RECORD, UNION.
[[nodiscard]] std::string_view kind_text(AvroKind kind);

struct AvroType;

struct AvroField {
  std::string name;
  std::vector<std::string> aliases;
  const AvroType* type = nullptr;
  bool has_default = false;
};

struct AvroType {
  AvroKind kind = AvroKind::null;
  std::string name;                           // of record, enumeration and fixed: the last part
  std::string full_name;                      // the same, with its namespace
  std::vector<std::string> aliases;           // full names
  std::vector<AvroField> fields;              // of a record
  std::vector<std::string> symbols;           // of an enumeration
  std::optional<std::string> default_symbol;  // of an enumeration
  const AvroType* element = nullptr;          // of an array, a map
  std::vector<const AvroType*> branches;      // of a choice
  std::int64_t size = 0;                      // of fixed, in bytes
};

enum class Defaults : std::uint8_t { checked, taken };

class AvroSchema {
 public:
  // `referenced` are texts whose names `text` may use, those that are referred to first.
  static Result<AvroSchema, std::string> parse(const std::string& text,
                                               std::span<const std::string> referenced = {},
                                               Defaults defaults = Defaults::taken);
  [[nodiscard]] const AvroType& root() const { return *root_; }

 private:
  friend class AvroParser;
  std::vector<std::unique_ptr<AvroType>> types_;
  const AvroType* root_ = nullptr;
};

}  // namespace longspan::embedded
