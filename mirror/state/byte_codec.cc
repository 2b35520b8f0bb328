#include "mirror/state/byte_codec.h"

#include <limits>
#include <utility>

#include "lagcalc/assert.h"
#include "lagcalc/varint.h"

namespace longspan {

void ByteWriter::put_big_endian(std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out_.push_back(static_cast<char>((value >> shift) & 0xff));
  }
}

void ByteWriter::put_string(std::string_view value) {
  LONGSPAN_ASSERT(value.size() <= std::numeric_limits<std::int16_t>::max());
  put_i16(static_cast<std::int16_t>(value.size()));
  put_bytes(value);
}

void ByteWriter::put_text(std::string_view value) {
  if (value.size() > kTextMax) {
    std::size_t size = kTextMax;
    while (size > 0 && (static_cast<std::uint8_t>(value[size]) & 0xc0) == 0x80) --size;
    value = value.substr(0, size);
  }
  put_string(value);
}

void ByteWriter::put_long_string(std::string_view value) {
  LONGSPAN_ASSERT(value.size() <= std::numeric_limits<std::int32_t>::max());
  put_i32(static_cast<std::int32_t>(value.size()));
  put_bytes(value);
}

void ByteWriter::put_optional(std::optional<std::int64_t> value) {
  put_u8(value.has_value() ? 1 : 0);
  if (value) put_i64(*value);
}

std::uint64_t ByteReader::big_endian(std::size_t size) {
  std::uint64_t value = 0;
  for (const char byte : bytes(size)) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

std::string_view ByteReader::bytes(std::size_t size) {
  if (failed_ || size > rest_.size()) {
    failed_ = true;
    return {};
  }
  const std::string_view out = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return out;
}

std::uint64_t ByteReader::varint() {
  const auto value = failed_ ? std::nullopt : read_varint(rest_);
  require(value.has_value());
  return value.value_or(0);
}

std::int32_t ByteReader::count32() {
  const std::int32_t value = i32();
  require(value >= 0);
  return failed_ ? 0 : value;
}

std::int64_t ByteReader::count64() {
  const std::int64_t value = i64();
  require(value >= 0);
  return failed_ ? 0 : value;
}

std::string ByteReader::string() {
  const std::int16_t size = i16();
  require(size >= 0);
  return std::string(failed_ ? std::string_view{} : bytes(static_cast<std::size_t>(size)));
}

std::string ByteReader::text() {
  std::string value = string();
  require(value.size() <= kTextMax);
  return value;
}

std::string ByteReader::long_string() {
  const std::int32_t size = count32();
  return std::string(bytes(static_cast<std::size_t>(size)));
}

bool ByteReader::is_present() {
  const std::uint8_t flag = u8();
  require(flag <= 1);
  return !failed_ && flag == 1;
}

std::optional<std::int64_t> ByteReader::optional64() {
  if (!is_present()) return std::nullopt;
  return i64();
}

std::string_view ByteReader::rest() { return bytes(rest_.size()); }

std::optional<std::int64_t> ByteReader::optional_count64() {
  const auto value = optional64();
  require(!value || *value >= 0);
  return value;
}

}  // namespace longspan
