// tracing/proto_writer.h - protobuf's wire format, as far as OTLP and Prometheus need it.
//
// Own code instead of libprotobuf: a few kinds of field, and neither a generator at build time nor
// a library whose version other libraries of a process must share.
//
// Units:   field numbers below 2^28.
// Errors:  none. Fields equal to their default are left out by the caller, as proto3 has it.
// Threads: a value.
// Source:  protobuf "Encoding": wire types 0 varint, 1 64 bit, 2 length-delimited, 5 32 bit.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "lagcalc/varint.h"

namespace longspan {

class ProtoWriter {
 public:
  void varint(std::uint32_t field, std::uint64_t value) {
    tag(field, 0);
    append_varint(bytes_, value);
  }
  // sint32, sint64.
  void zigzag(std::uint32_t field, std::int64_t value) { varint(field, zigzag_of(value)); }
  // repeated sint64, packed.
  void packed_zigzag(std::uint32_t field, std::span<const std::int64_t> values) {
    if (values.empty()) return;
    ProtoWriter packed;
    for (const auto value : values) append_varint(packed.bytes_, zigzag_of(value));
    message(field, packed);
  }
  // repeated uint64, packed.
  void packed(std::uint32_t field, std::span<const std::uint64_t> values) {
    if (values.empty()) return;
    ProtoWriter packed;
    for (const auto value : values) append_varint(packed.bytes_, value);
    message(field, packed);
  }
  // repeated double, packed.
  void packed_real(std::uint32_t field, std::span<const double> values) {
    if (values.empty()) return;
    ProtoWriter packed;
    for (const auto value : values) packed.little_endian(std::bit_cast<std::uint64_t>(value), 8);
    message(field, packed);
  }
  void fixed64(std::uint32_t field, std::uint64_t value) {
    tag(field, 1);
    little_endian(value, 8);
  }
  void fixed32(std::uint32_t field, std::uint32_t value) {
    tag(field, 5);
    little_endian(value, 4);
  }
  void real(std::uint32_t field, double value) {
    fixed64(field, std::bit_cast<std::uint64_t>(value));
  }
  void bytes(std::uint32_t field, std::string_view value) {
    tag(field, 2);
    append_varint(bytes_, value.size());
    bytes_ += value;
  }
  void message(std::uint32_t field, const ProtoWriter& value) { bytes(field, value.bytes_); }

  [[nodiscard]] const std::string& text() const { return bytes_; }

 private:
  static constexpr std::uint64_t zigzag_of(std::int64_t value) {
    return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
  }
  void tag(std::uint32_t field, std::uint32_t wire_type) {
    append_varint(bytes_, std::uint64_t{field} << 3 | wire_type);
  }
  void little_endian(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i, value >>= 8) bytes_ += static_cast<char>(value & 0xff);
  }
  std::string bytes_;
};

}  // namespace longspan
