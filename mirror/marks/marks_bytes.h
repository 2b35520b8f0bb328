// mirror/marks/marks_bytes.h - numbers, times and strings of a mark, written and read.
//
// Errors:  of reading as in byte_codec.h; a number that no program writes fails, too.
// Threads: free functions.
// Limits:  times within 2^53 of 1970, other numbers within 2^60, so that sums cannot overflow.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "lagcalc/units.h"
#include "lagcalc/varint.h"
#include "mirror/state/byte_codec.h"

namespace longspan::marks_bytes {

inline constexpr std::int64_t kTimeMax = std::int64_t{1} << 53;
inline constexpr std::int64_t kNumberMax = std::int64_t{1} << 60;

// Differences of any two numbers: they wrap, and wrap back.
inline std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
inline std::int64_t plus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

inline void put_byte(std::string& out, std::uint8_t byte) {
  out.push_back(static_cast<char>(byte));
}

inline void put_count(std::string& out, std::int64_t value) {
  append_varint(out, static_cast<std::uint64_t>(value));
}

inline void put_signed(std::string& out, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  append_varint(out, value < 0 ? ~(bits << 1) : bits << 1);
}

inline void put_bytes(std::string& out, std::string_view bytes) {
  append_varint(out, bytes.size());
  out.append(bytes);
}

inline std::int64_t signed_of(ByteReader& in) {
  const std::uint64_t bits = in.varint();
  return static_cast<std::int64_t>((bits & 1) != 0 ? ~(bits >> 1) : bits >> 1);
}

inline std::int64_t count_of(ByteReader& in) {
  const std::uint64_t value = in.varint();
  in.require(value <= std::uint64_t{std::numeric_limits<std::int64_t>::max()});
  return in.failed() ? 0 : static_cast<std::int64_t>(value);
}

inline std::string_view bytes_of(ByteReader& in) { return in.bytes(in.varint()); }

inline TimestampMs time_of(ByteReader& in, std::int64_t value) {
  in.require(value >= -kTimeMax && value <= kTimeMax);
  return {in.failed() ? 0 : value};
}

inline std::int64_t number_of(ByteReader& in, std::int64_t value) {
  in.require(value >= -kNumberMax && value <= kNumberMax);
  return in.failed() ? 0 : value;
}

}  // namespace longspan::marks_bytes
