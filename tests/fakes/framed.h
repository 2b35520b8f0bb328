// tests/fakes/framed.h - payloads behind the id or the GUID of their schema.
//
// Threads: free functions.
// Source:  lagcalc/schema_framing.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace longspan {

inline std::string framed(std::int32_t id, const std::string& payload = "payload") {
  std::string out(1, '\0');
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(id >> shift & 0xff);
  return out + payload;
}

// "a9e1f9e6-3f5c-4f0e-8d38-2b7d1a6a0c11"
inline std::string guid_framed(const std::string& guid, const std::string& payload = "payload") {
  std::string out(1, '\1');
  std::string digits = guid;
  std::erase(digits, '-');
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    out += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return out + payload;
}

}  // namespace longspan
