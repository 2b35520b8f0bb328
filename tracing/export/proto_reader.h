// tracing/export/proto_reader.h - the fields of a protobuf message, one after the other.
//
// Errors:  next() is absent at the end, and where the message is broken: then is_broken().
// Threads: a value; views into the message.
// Source:  protobuf "Encoding". Groups (wire types 3 and 4) are none of proto3's and are broken.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lagcalc/varint.h"

namespace longspan {

struct ProtoField {
  std::uint64_t number = 0;
  std::uint32_t wire_type = 0;
  std::uint64_t value = 0;      // of a varint
  std::string_view bytes = {};  // of everything else
};

class ProtoReader {
 public:
  explicit ProtoReader(std::string_view message) : rest_(message) {}

  [[nodiscard]] std::optional<ProtoField> next() {
    if (rest_.empty() || is_broken_) return std::nullopt;
    const auto tag = read_varint(rest_);
    ProtoField field;
    if (tag) field.number = *tag >> 3;
    if (!tag || field.number == 0 || !read_value(static_cast<std::uint32_t>(*tag & 7), field)) {
      is_broken_ = true;
      return std::nullopt;
    }
    return field;
  }
  [[nodiscard]] bool is_broken() const { return is_broken_; }

 private:
  bool read_value(std::uint32_t wire_type, ProtoField& field) {
    field.wire_type = wire_type;
    if (wire_type == 0) {
      const auto value = read_varint(rest_);
      field.value = value.value_or(0);
      return value.has_value();
    }
    std::uint64_t size = wire_type == 1 ? 8 : 4;
    if (wire_type == 2) {
      const auto told = read_varint(rest_);
      if (!told) return false;
      size = *told;
    } else if (wire_type != 1 && wire_type != 5) {
      return false;
    }
    if (size > rest_.size()) return false;
    field.bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

  std::string_view rest_;
  bool is_broken_ = false;
};

}  // namespace longspan
