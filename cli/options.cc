#include "cli/options.h"

#include <algorithm>
#include <charconv>

#include "cli/config/properties.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;

std::optional<std::int64_t> whole_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

struct Unit {
  std::string_view suffix;
  int shift;
};
constexpr auto kUnits = std::to_array<Unit>({{"kib", 10}, {"mib", 20}, {"gib", 30}});

std::optional<std::int64_t> bytes_of(std::string_view text) {
  const std::string small = lower(text);
  for (const Unit& unit : kUnits) {
    if (!small.ends_with(unit.suffix)) continue;
    const auto count = whole_number(trimmed(text.substr(0, text.size() - unit.suffix.size())));
    if (!count || *count < 0 || *count > (INT64_MAX >> unit.shift)) return std::nullopt;
    return *count << unit.shift;
  }
  return whole_number(text);
}

std::string bytes_text(std::int64_t bytes) {
  if (bytes == 0) return "0";
  if (bytes % (1LL << 30) == 0) return std::to_string(bytes >> 30) + "GiB";
  if (bytes % (1 << 20) == 0) return std::to_string(bytes >> 20) + "MiB";
  return std::to_string(bytes);
}

Unexpected<Error> wrong(std::string what) { return fail(Next::stop_process, std::move(what)); }

std::string unit_of(OptionType type) {
  if (type == OptionType::milliseconds) return " (milliseconds)";
  return type == OptionType::seconds ? " (seconds)" : "";
}

Result<OptionValue> parse_number(const Option& option, std::string_view text) {
  const auto number = option.type == OptionType::bytes ? bytes_of(text) : whole_number(text);
  if (!number && option.type == OptionType::bytes) {
    return wrong("is not a number of bytes: write 536870912, 512MiB or 2GiB");
  }
  if (!number) return wrong("is not a whole number" + unit_of(option.type));
  if (*number < option.min || *number > option.max) {
    return wrong("is not in " + range_text(option) + unit_of(option.type));
  }
  return OptionValue(*number);
}

Result<OptionValue> parse_word(const Option& option, std::string_view text) {
  const std::string_view last = text.substr(text.rfind('.') + 1);  // a class without its package
  std::string all;
  for (std::size_t at = 0; at < option.words.size();) {
    const std::size_t end = std::min(option.words.find(' ', at), option.words.size());
    const std::string_view word = option.words.substr(at, end - at);
    if (word == last || lower(word) == lower(text)) return OptionValue(std::string(word));
    all += (all.empty() ? "" : ", ") + std::string(word);
    at = end + 1;
  }
  return wrong(all.find(',') == std::string::npos ? "is not " + all : "is not one of " + all);
}

template <class T>
void put(const OptionValue& value, T& place) {
  if constexpr (std::is_same_v<T, milliseconds>) {
    place = milliseconds(std::get<std::int64_t>(value));
  } else if constexpr (std::is_same_v<T, std::int32_t>) {
    place = static_cast<std::int32_t>(std::get<std::int64_t>(value));
  } else {
    place = std::get<T>(value);
  }
}

template <class Config>
void land_in(const Option& option, OptionValue value, Config& config) {
  if (option.type == OptionType::seconds) value = std::get<std::int64_t>(value) * 1000;
  std::visit(
      [&](auto member) {
        if constexpr (requires { config.*member; }) put(value, config.*member);
      },
      option.lands_in);
}

}  // namespace

const Option* find_option(std::string_view key) {
  for (const Option& option : options()) {
    if (option.key == key || (!option.old_key.empty() && option.old_key == key)) return &option;
  }
  return nullptr;
}

Result<OptionValue> parse_option(const Option& option, std::string_view text) {
  const std::string small = lower(text);
  switch (option.type) {
    case OptionType::boolean:
      if (small == "true" || small == "false") return OptionValue(small == "true");
      return wrong("is not true or false");
    case OptionType::integer:
    case OptionType::bytes:
    case OptionType::milliseconds:
    case OptionType::seconds:
      return parse_number(option, text);
    case OptionType::word:
      return parse_word(option, text);
    case OptionType::list:
    case OptionType::patterns:
      return OptionValue(split_list(text));
    case OptionType::text:
      break;
  }
  if (text.empty()) return wrong("is empty");
  return OptionValue(std::string(text));
}

void land(const Option& option, const OptionValue& value, FlowConfig& flow) {
  land_in(option, value, flow);
}

void land(const Option& option, const OptionValue& value, ProcessConfig& process) {
  land_in(option, value, process);
}

std::string range_text(const Option& option) {
  switch (option.type) {
    case OptionType::integer:
    case OptionType::milliseconds:
    case OptionType::seconds:
      return std::to_string(option.min) + ".." + std::to_string(option.max);
    case OptionType::bytes:
      return bytes_text(option.min) + ".." + bytes_text(option.max);
    default:
      return "";
  }
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string_view item = trimmed(text.substr(at, comma - at));
    if (!item.empty()) items.emplace_back(item);
    at = comma + 1;
  }
  return items;
}

}  // namespace longspan
