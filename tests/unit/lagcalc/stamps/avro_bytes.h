// tests/unit/lagcalc/stamps/avro_bytes.h - writes Avro bodies by hand.
//
// Source:  Apache Avro 1.11 specification.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace longspan {

class AvroBytes {
 public:
  AvroBytes& number(std::int64_t value) {
    auto bits = static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
    for (; bits >= 0x80; bits >>= 7) bytes_.push_back(static_cast<char>(bits | 0x80));
    bytes_.push_back(static_cast<char>(bits));
    return *this;
  }
  AvroBytes& text(std::string_view text) {
    number(static_cast<std::int64_t>(text.size()));
    return raw(text);
  }
  AvroBytes& raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace longspan
