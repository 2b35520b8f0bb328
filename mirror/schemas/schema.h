// mirror/schemas/schema.h - the words of a schema registry: subject, version, id, schema.
//
// A registry numbers schemas by *id*, once in each *context*, and keeps under each *subject* a list
// of numbered *versions*, each of which is a schema with an id. Records carry the id only.
//
// Units:   ids and versions count from 1.
// Errors:  none; parse_subject() takes any text.
// Threads: values.
// Source:  Confluent Schema Registry: QualifiedSubject, entities/Schema, SchemaReference.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace longspan {

inline constexpr std::string_view kDefaultContext = ".";

// A subject, or with an empty name the whole context, for whose mode and config there are calls of
// the same shape; the default context without a name is the registry's own default.
struct Subject {
  std::string context{kDefaultContext};
  std::string name;
  friend auto operator<=>(const Subject&, const Subject&) = default;

  // "orders-value"; in another context than the default ":.east:orders-value".
  [[nodiscard]] std::string text() const;
};

// Of what a registry calls it; a text that only looks qualified is a name in the default context.
[[nodiscard]] Subject parse_subject(std::string_view text);

struct SchemaReference {
  std::string name;     // by which the schema's text refers to it
  std::string subject;  // as it was written: qualified, or in the context of who refers
  std::int32_t version = 0;
  friend bool operator==(const SchemaReference&, const SchemaReference&) = default;
};

// What an id stands for. Two are equal when a registry would give them one GUID: Confluent keeps
// the text of Avro and JSON Schema without the white space between its tokens, others as it came.
struct Schema {
  std::string type = "AVRO";  // AVRO, JSON, PROTOBUF
  std::string text;           // as it was received, never written anew
  std::vector<SchemaReference> references;
  std::string metadata;  // JSON, keys sorted; empty: none
  std::string rule_set;  // the same
  friend bool operator==(const Schema& a, const Schema& b);
};

// Equal but for white space between the tokens of JSON; of PROTOBUF byte by byte.
[[nodiscard]] bool is_same_text(std::string_view type, std::string_view a, std::string_view b);

// Of two that are not equal, the first thing that differs: "its metadata are others".
[[nodiscard]] std::string difference_of(const Schema& wanted, const Schema& found);

struct RegisteredSchema {
  Subject subject;
  std::int32_t version = 0;
  std::int32_t id = 0;
  Schema schema;
};

}  // namespace longspan
