#include "mirror/schemas/embedded/avro_default.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

namespace longspan::embedded {
namespace {

using Json = nlohmann::ordered_json;

bool is_value_of(const AvroType& type, const Json& value);

bool is_whole(const Json& value, std::int64_t min, std::int64_t max) {
  if (value.is_number_unsigned())
    return value.get<std::uint64_t>() <= static_cast<std::uint64_t>(max);
  return value.is_number_integer() && value.get<std::int64_t>() >= min;
}

bool is_record(const AvroType& type, const Json& value) {
  if (!value.is_object()) return false;
  return std::all_of(type.fields.begin(), type.fields.end(), [&](const AvroField& field) {
    const auto found = value.find(field.name);
    return found == value.end() ? field.has_default : is_value_of(*field.type, *found);
  });
}

bool is_value_of(const AvroType& type, const Json& value) {
  const auto is_element = [&](const Json& one) { return is_value_of(*type.element, one); };
  switch (type.kind) {
    case AvroKind::null:
      return value.is_null();
    case AvroKind::boolean:
      return value.is_boolean();
    case AvroKind::integer:
      return is_whole(value, std::numeric_limits<std::int32_t>::min(),
                      std::numeric_limits<std::int32_t>::max());
    case AvroKind::long_integer:
      return is_whole(value, std::numeric_limits<std::int64_t>::min(),
                      std::numeric_limits<std::int64_t>::max());
    case AvroKind::single:
    case AvroKind::real:
      return value.is_number();
    case AvroKind::bytes:
    case AvroKind::string:
    case AvroKind::enumeration:
    case AvroKind::fixed:
      return value.is_string();
    case AvroKind::array:
      return value.is_array() && std::all_of(value.begin(), value.end(), is_element);
    case AvroKind::map:
      return value.is_object() && std::all_of(value.begin(), value.end(), is_element);
    case AvroKind::choice:
      return std::any_of(type.branches.begin(), type.branches.end(),
                         [&](const AvroType* branch) { return is_value_of(*branch, value); });
    case AvroKind::record:
      return is_record(type, value);
  }
  return false;
}

}  // namespace

bool is_default_of(const AvroType& type, const std::string& json) {
  const Json value = Json::parse(json, nullptr, false);
  return !value.is_discarded() && is_value_of(type, value);
}

}  // namespace longspan::embedded
