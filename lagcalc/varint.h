// lagcalc/varint.h - unsigned LEB128, seven bits a byte, lowest first.
//
// Errors:  read_varint() is absent on a cut, overlong or too large number, so that every number
//          has one spelling.
// Threads: free functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace longspan {

inline void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

// Takes the number off the front of `bytes`; leaves `bytes` anywhere when it is absent.
[[nodiscard]] inline std::optional<std::uint64_t> read_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (shift == 63 && byte > 1) return std::nullopt;
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte >= 0x80) continue;
    if (byte == 0 && shift > 0) return std::nullopt;
    return value;
  }
  return std::nullopt;
}

}  // namespace longspan
