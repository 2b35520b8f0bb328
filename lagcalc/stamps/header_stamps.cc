#include "lagcalc/stamps/header_stamps.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <string>

#include "lagcalc/stamps/json_stamps.h"

namespace longspan {
namespace {

std::optional<std::int64_t> decimal(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> big_endian(std::string_view bytes) {
  if (bytes.size() != sizeof(std::int64_t)) return std::nullopt;
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return static_cast<std::int64_t>(value);
}

std::string_view without_quotes(std::string_view text) {
  const bool is_quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return is_quoted ? text.substr(1, text.size() - 2) : text;
}

void put_time(ChangeFields& fields, ChangeField field, std::string_view bytes) {
  auto time = decimal(without_quotes(bytes));
  if (!time && bytes.starts_with('{')) {
    if (const auto payload = read_json_payload(bytes)) time = decimal(*payload);
  }
  if (!time) time = big_endian(bytes);
  if (time) {
    fields.put(field, *time);
  } else {
    fields.put_damaged(field);
  }
}

void put_text(ChangeFields& fields, ChangeField field, std::string_view bytes) {
  if (!bytes.starts_with('{')) return fields.put(field, without_quotes(bytes));
  if (const auto payload = read_json_payload(bytes)) fields.put(field, std::string_view(*payload));
}

}  // namespace

ChangeFields read_headers(std::span<const HeaderView> headers, const StampNames& names) {
  std::array<std::optional<std::string_view>, kChangeFields> last;
  for (const HeaderView& header : headers) {
    const ChangeField field = flat_field(header.name, names);
    if (field != ChangeField::none) last[static_cast<std::size_t>(field)] = header.value;
  }
  ChangeFields fields;
  for (std::size_t i = 0; i < kChangeFields; ++i) {
    if (!last[i]) continue;
    const ChangeField field = static_cast<ChangeField>(i);
    fields.shape = ChangeShape::flattened;
    if (last[i]->size() > kHeaderBytesMax) {
      fields.put_damaged(field);
    } else if (field < ChangeField::op) {
      put_time(fields, field, *last[i]);
    } else {
      put_text(fields, field, *last[i]);
    }
  }
  return fields;
}

}  // namespace longspan
