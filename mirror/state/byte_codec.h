// mirror/state/byte_codec.h - big-endian numbers and length-prefixed strings, written and read.
//
// Errors:  the reader never throws and never reads past its input: the first thing that does not
//          fit makes it fail for good; ask done() at the end. A failed read answers 0 or empty.
// Threads: values. The reader's input outlives it.
// Limits:  a short string has at most 32,767 bytes, text at most kTextMax.
// Source:  Kafka's protocol primitives INT16..INT64, UNSIGNED_VARINT and STRING. An optional is a
//          byte 0 or 1, then the value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lagcalc/units.h"

namespace longspan {

inline constexpr std::size_t kTextMax = 4096;  // bytes of a sentence for people

class ByteWriter {
 public:
  void put_u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void put_i16(std::int16_t value) { put_big_endian(static_cast<std::uint16_t>(value), 2); }
  void put_i32(std::int32_t value) { put_big_endian(static_cast<std::uint32_t>(value), 4); }
  void put_i64(std::int64_t value) { put_big_endian(static_cast<std::uint64_t>(value), 8); }
  void put_u64(std::uint64_t value) { put_big_endian(value, 8); }
  void put_bytes(std::string_view bytes) { out_.append(bytes); }
  // int16 length; callers keep names within Kafka's limits.
  void put_string(std::string_view value);
  // As put_string, cut to kTextMax bytes between two UTF-8 characters.
  void put_text(std::string_view value);
  // int32 length: configuration values.
  void put_long_string(std::string_view value);
  // An optional's first byte; answers what it was given.
  bool put_present(bool is_present) {
    put_u8(is_present ? 1 : 0);
    return is_present;
  }
  void put_optional(std::optional<std::int64_t> value);

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void put_big_endian(std::uint64_t value, int bytes);
  std::string out_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian(1)); }
  std::int16_t i16() { return static_cast<std::int16_t>(big_endian(2)); }
  std::int32_t i32() { return static_cast<std::int32_t>(big_endian(4)); }
  std::int64_t i64() { return static_cast<std::int64_t>(big_endian(8)); }
  std::uint64_t u64() { return big_endian(8); }
  // As lagcalc/varint.h writes it: Kafka's UNSIGNED_VARINT.
  std::uint64_t varint();
  // Numbers that are never negative; a negative one fails.
  std::int32_t count32();
  std::int64_t count64();
  std::string_view bytes(std::size_t size);
  std::string string();
  std::string text();
  std::string long_string();
  // An optional's first byte.
  bool is_present();
  std::optional<std::int64_t> optional64();
  std::optional<std::int64_t> optional_count64();  // never negative, too

  // Everything that is left.
  std::string_view rest();
  void fail() { failed_ = true; }
  // What was read must satisfy it.
  void require(bool condition) { failed_ = failed_ || !condition; }
  [[nodiscard]] bool failed() const { return failed_; }
  // Everything fitted and nothing is left.
  [[nodiscard]] bool done() const { return !failed_ && rest_.empty(); }

 private:
  std::uint64_t big_endian(std::size_t size);
  std::string_view rest_;
  bool failed_ = false;
};

// Optionals of units (lagcalc/units.h) as put_optional() takes them and optional64() gives them.
template <class Unit>
std::optional<std::int64_t> raw(const std::optional<Unit>& value) {
  return value ? std::optional<std::int64_t>(value->value) : std::nullopt;
}
template <class Unit>
std::optional<Unit> wrap(std::optional<std::int64_t> value) {
  return value ? std::optional<Unit>(Unit{*value}) : std::nullopt;
}

}  // namespace longspan
