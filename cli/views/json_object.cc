#include "cli/views/json_object.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace longspan {

using Json = nlohmann::json;

bool read(const Json& json, bool& into) {
  if (json.is_boolean()) into = json.get<bool>();
  return json.is_boolean();
}
bool read(const Json& json, std::string& into) {
  if (json.is_string()) into = json.get<std::string>();
  return json.is_string();
}
bool read(const Json& json, double& into) {
  if (json.is_number()) into = json.get<double>();
  return json.is_number();
}
bool read(const Json& json, std::int64_t& into) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!json.is_number_integer()) return false;
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > kMost) return false;
  into = json.get<std::int64_t>();
  return true;
}
bool read(const Json& json, std::uint64_t& into) {
  if (json.is_number_unsigned()) into = json.get<std::uint64_t>();
  return json.is_number_unsigned();
}
bool read(const Json& json, std::int32_t& into) {
  std::int64_t value = 0;
  if (!read(json, value) || !std::in_range<std::int32_t>(value)) return false;
  into = static_cast<std::int32_t>(value);
  return true;
}
bool read(const Json& json, Offset& into) { return read(json, into.value); }
bool read(const Json& json, Records& into) { return read(json, into.count); }
bool read(const Json& json, TimestampMs& into) { return read(json, into.value); }

JsonObject::JsonObject(const Json& json, std::string path, std::string& wrong)
    : json_(json), path_(std::move(path)), wrong_(wrong) {
  if (!json_.is_object()) complain("", "is not an object");
}

JsonObject JsonObject::member(const char* key) {
  const Json* found = find(key);
  return {found == nullptr ? json_ : *found, place(key), wrong_};
}

const Json* JsonObject::find(const char* key) const {
  if (!json_.is_object()) return nullptr;
  const auto found = json_.find(key);
  return found == json_.end() ? nullptr : &*found;
}

std::optional<std::size_t> JsonObject::array_size(const char* key) const {
  const Json* member = find(key);
  if (member == nullptr || !member->is_array()) return std::nullopt;
  return member->size();
}

JsonObject JsonObject::element(const char* key, std::size_t index) {
  return {(*find(key))[index], place(key) + "[" + std::to_string(index) + "]", wrong_};
}

std::string JsonObject::place(const std::string& key) const {
  return path_.empty() || key.empty() ? path_ + key : path_ + "." + key;
}

void JsonObject::complain(const std::string& key, const char* problem) {
  if (!wrong_.empty()) return;
  const std::string where = place(key);
  wrong_ = (where.empty() ? "the text" : where) + " " + problem;
}

}  // namespace longspan
