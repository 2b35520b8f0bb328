// tests/fakes/framed.h - payloads behind the id or the GUID of their schema.
//
// Threads: free functions.
// Source:  lagcalc/schema_framing.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "lagcalc/schema_framing.h"

namespace longspan {

inline std::string framed(std::int32_t id, const std::string& payload = "payload") {
  std::string out(1, '\0');
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(id >> shift & 0xff);
  return out + payload;
}

// Of "a9e1f9e6-3f5c-4f0e-8d38-2b7d1a6a0c11".
inline SchemaGuid guid_of_text(const std::string& text) {
  SchemaGuid out;
  std::string digits = text;
  std::erase(digits, '-');
  for (std::size_t i = 0; i < out.bytes.size(); ++i) {
    out.bytes[i] = static_cast<std::uint8_t>(std::stoi(digits.substr(2 * i, 2), nullptr, 16));
  }
  return out;
}

inline std::string guid_framed(const SchemaGuid& guid, const std::string& payload = "payload") {
  return '\1' + std::string(guid.bytes.begin(), guid.bytes.end()) + payload;
}

inline std::string guid_framed(const std::string& guid, const std::string& payload = "payload") {
  return guid_framed(guid_of_text(guid), payload);
}

}  // namespace longspan
