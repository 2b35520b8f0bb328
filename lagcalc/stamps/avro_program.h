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
  fixed,         // `count` bytes
  boolean,       // 1 byte that is wanted; else it is fixed
  number,        // int, long; an enum that is not wanted
  sized,         // string, bytes
  choice,        // an enum that is wanted: its symbols are symbols[first, first + count)
  record,        // its fields are nodes[first, first + count)
  alternatives,  // a union: its branches likewise
  array,         // its items are nodes[first]
  map,           // its values are nodes[first]
};

struct AvroNode {
  AvroKind kind = AvroKind::fixed;
  Slot slot = Slot::none;                  // where a value goes
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
