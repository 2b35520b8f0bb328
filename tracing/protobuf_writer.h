// tracing/protobuf_writer.h - fields of Protocol Buffers messages, appended to a string.
//
//   std::string out;
//   ProtobufWriter writer(out);
//   writer.text(1, "longspan_ready");
//   writer.message(4, [&](ProtobufWriter& metric) { ... });
//
// Three small messages are all that longspan writes in this format, to one reader each: that is
// less than a generator, its runtime and copies of others' .proto files.
//
// Errors:  none.
// Threads: a value that writes to a string of the caller's.
// Source:  protobuf.dev, "Encoding"; a field that is written stands there also when it is zero.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "lagcalc/varint.h"

namespace longspan {

class ProtobufWriter {
 public:
  explicit ProtobufWriter(std::string& out) : out_(out) {}

  // uint32, uint64, bool, enums.
  void number(std::uint32_t field, std::uint64_t value) {
    tag(field, Wire::varint);
    append_varint(out_, value);
  }
  // sint32, sint64.
  void zigzag(std::uint32_t field, std::int64_t value) { number(field, zigzag_of(value)); }
  void fixed64(std::uint32_t field, std::uint64_t value) {
    tag(field, Wire::fixed64);
    for (int shift = 0; shift < 64; shift += 8) out_.push_back(static_cast<char>(value >> shift));
  }
  void real(std::uint32_t field, double value) {
    fixed64(field, std::bit_cast<std::uint64_t>(value));
  }
  // string, bytes.
  void text(std::uint32_t field, std::string_view value) {
    tag(field, Wire::delimited);
    append_varint(out_, value.size());
    out_.append(value);
  }
  // A nested message, of what `write` writes.
  template <class Write>
  void message(std::uint32_t field, Write write) {
    std::string body;
    ProtobufWriter nested(body);
    write(nested);
    text(field, body);
  }
  // repeated sint64, packed.
  template <class Values>
  void packed_zigzag(std::uint32_t field, const Values& values) {
    if (values.empty()) return;
    std::string body;
    for (const auto value : values) append_varint(body, zigzag_of(value));
    text(field, body);
  }

 private:
  enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, delimited = 2 };
  static constexpr std::uint64_t zigzag_of(std::int64_t value) {
    return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
  }
  void tag(std::uint32_t field, Wire wire) {
    append_varint(out_, std::uint64_t{field} << 3 | static_cast<std::uint8_t>(wire));
  }

  std::string& out_;
};

}  // namespace longspan
