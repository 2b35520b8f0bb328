#include "tracing/log_line.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "lagcalc/printable.h"

namespace longspan {
namespace {

// Appends one character as it stands inside quotes; answers whether it needs the quotes.
bool append_character(std::string_view character, std::string& out) {
  const char c = character[0];
  if (character.size() == 1 && (c == '"' || c == '\\')) {
    out += '\\';
    out += c;
    return c == '"';
  }
  if (c == '\n' || c == '\r' || c == '\t') {
    out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    return true;
  }
  if (is_control(character)) {
    append_hex(character, out);
    return true;
  }
  out += character;
  return c == ' ' || c == '=';
}

std::string number(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end.ptr};
}

std::string value_text(const Field::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return log_value(*text);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  return number(std::get<double>(value));
}

void append_fields(const Fields& fields, std::string& line) {
  for (const Field& field : fields) {
    if (std::holds_alternative<std::monostate>(field.value())) continue;
    line += ' ';
    line += field.key();
    line += '=';
    line += value_text(field.value());
  }
}

}  // namespace

std::string log_value(std::string_view value) {
  const bool cut = value.size() > kLogValueMax;
  std::string_view rest = value.substr(0, kLogValueMax);
  std::string inside;
  bool quotes = value.empty();
  while (!rest.empty()) {
    const std::size_t length = utf8_length(rest);
    if (length == 0) {
      append_hex(rest.substr(0, 1), inside);
      quotes = true;
    } else {
      quotes |= append_character(rest.substr(0, length), inside);
    }
    rest.remove_prefix(length == 0 ? 1 : length);
  }
  if (cut) inside += "...";
  if (quotes) return '"' + inside + '"';
  return cut ? std::string(value.substr(0, kLogValueMax)) + "..." : std::string(value);
}

std::string iso_time(TimestampMs at) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(at.value)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

std::string log_line(TimestampMs at, const LogEvent& event, std::uint64_t repeated) {
  std::string line = iso_time(at);
  line += " level=";
  line += name(event.level);
  line += " event=";
  line += log_value(event.event);
  append_fields(event.context.fields(), line);
  append_fields(event.fields, line);
  if (repeated > 0) line += " repeated=" + std::to_string(repeated);
  return line;
}

}  // namespace longspan
