// lagcalc/stamps/avro_program.h - a writer schema made ready for walking its bodies: which bytes to
// skip, which to take.
//
// Errors:  none; a program is only made by AvroProjection::compile().
// Threads: a value.
// Source:  Apache Avro 1.11 specification, binary encoding.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lagcalc/stamps/change_fields.h"

namespace longspan {

enum class AvroKind : std::uint8_t {
  fixed,   // `count` bytes: null, boolean, float, double, fixed
  number,  // int, long, enum
  sized,   // string, bytes
  wanted_number,
  wanted_sized,
  wanted_boolean,
  wanted_enum,   // its symbols are symbols[first, first + count)
  record,        // its fields are nodes[first, first + count)
  alternatives,  // a union: its branches likewise
  array,         // its items are nodes[first]
  map,           // its values are nodes[first]
};

struct AvroNode {
  AvroKind kind = AvroKind::fixed;
  ChangeField field = ChangeField::none;   // where a wanted value goes
  ChangeShape shape = ChangeShape::other;  // of a record: what whoever enters it has found
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

struct AvroProgram {
  AvroNode root;
  std::vector<AvroNode> nodes;  // a record's fields, a union's branches stand side by side
  std::vector<std::string> symbols;
};

}  // namespace longspan
