#include "tracing/context/trace_id.h"

#include <array>
#include <cstddef>

namespace longspan {
namespace {

constexpr std::uint8_t kNoDigit = 0x80;
constexpr std::uint8_t kUpperCase = 0x40;

constexpr std::array<std::uint8_t, 256> digit_table() {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNoDigit);
  for (std::uint8_t i = 0; i < 10; ++i) table[static_cast<std::size_t>('0') + i] = i;
  for (std::uint8_t i = 0; i < 6; ++i) {
    const auto digit = static_cast<std::uint8_t>(10 + i);
    table[static_cast<std::size_t>('a') + i] = digit;
    table[static_cast<std::size_t>('A') + i] = kUpperCase | digit;
  }
  return table;
}
constexpr auto kDigits = digit_table();

}  // namespace

HexWord read_hex(std::string_view digits) {
  constexpr std::size_t kDigitsMax = 16;
  if (digits.empty() || digits.size() > kDigitsMax) return {0, false, false};
  std::uint64_t value = 0;
  std::uint8_t marks = 0;
  for (const char c : digits) {
    const std::uint8_t digit = kDigits[static_cast<std::uint8_t>(c)];
    marks |= digit;
    value = value << 4 | (digit & 0xf);
  }
  return {value, (marks & kNoDigit) == 0, (marks & kUpperCase) != 0};
}

void append_hex(std::string& out, std::uint64_t value) {
  std::array<char, 16> digits{};
  for (std::size_t i = digits.size(); i > 0; value >>= 4) {
    digits[--i] = "0123456789abcdef"[value & 0xf];
  }
  out.append(digits.data(), digits.size());
}

void append_hex(std::string& out, const TraceId& id) {
  append_hex(out, id.high);
  append_hex(out, id.low);
}

std::string hex(const TraceId& id) {
  std::string out;
  append_hex(out, id);
  return out;
}

std::string hex(const SpanId& id) {
  std::string out;
  append_hex(out, id.value);
  return out;
}

}  // namespace longspan
