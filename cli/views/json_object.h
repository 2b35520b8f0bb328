// cli/views/json_object.h - members of a JSON object, read into typed places.
//
// Errors:  the first thing that is wrong with any object of a text is kept: which member, and what.
// Threads: lives for one call.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "lagcalc/units.h"

namespace longspan {

// False: it has another type, or is out of range. For types of its own a reader has further ones,
// in this namespace: they are found by their second argument.
[[nodiscard]] bool read(const nlohmann::json& json, bool& into);
[[nodiscard]] bool read(const nlohmann::json& json, std::string& into);
[[nodiscard]] bool read(const nlohmann::json& json, double& into);
[[nodiscard]] bool read(const nlohmann::json& json, std::int64_t& into);
[[nodiscard]] bool read(const nlohmann::json& json, std::uint64_t& into);
[[nodiscard]] bool read(const nlohmann::json& json, std::int32_t& into);
[[nodiscard]] bool read(const nlohmann::json& json, Offset& into);
[[nodiscard]] bool read(const nlohmann::json& json, Records& into);
[[nodiscard]] bool read(const nlohmann::json& json, TimestampMs& into);

// One JSON object and where it stands.
class JsonObject {
 public:
  JsonObject(const nlohmann::json& json, std::string path, std::string& wrong);

  template <class T>
  void required(const char* key, T& into) {
    if (const auto* member = find(key)) {
      if (!read(*member, into)) complain(key, "has the wrong type or is out of range");
    } else {
      complain(key, "is missing");
    }
  }
  template <class T>
  void optional(const char* key, T& into) {
    if (has(key)) required(key, into);
  }
  template <class T>
  void optional(const char* key, std::optional<T>& into) {
    if (has(key)) required(key, into.emplace());
  }
  // `read_one(JsonObject&, element)` for each element of the array `key`.
  template <class T, class F>
  void each(const char* key, std::vector<T>& into, F read_one) {
    const auto size = array_size(key);
    if (!size) return complain(key, "is not an array");
    into.reserve(*size);
    for (std::size_t i = 0; i < *size && wrong_.empty(); ++i) {
      JsonObject one = element(key, i);
      read_one(one, into.emplace_back());
    }
  }
  [[nodiscard]] bool has(const char* key) const { return find(key) != nullptr; }
  [[nodiscard]] JsonObject member(const char* key);

 private:
  [[nodiscard]] const nlohmann::json* find(const char* key) const;
  // Absent: it is none.
  [[nodiscard]] std::optional<std::size_t> array_size(const char* key) const;
  [[nodiscard]] JsonObject element(const char* key, std::size_t index);
  [[nodiscard]] std::string place(const std::string& key) const;
  void complain(const std::string& key, const char* problem);

  const nlohmann::json& json_;
  std::string path_;
  std::string& wrong_;
};

}  // namespace longspan
