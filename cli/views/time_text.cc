#include "cli/views/time_text.h"

#include <array>
#include <charconv>
#include <ctime>
#include <utility>

namespace longspan {

std::string time_text(TimestampMs at) {
  const auto seconds = static_cast<std::time_t>(at.value / 1000);
  std::tm parts{};
  std::array<char, 32> text{};
  if (gmtime_r(&seconds, &parts) == nullptr) return std::to_string(at.value) + " ms";
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%SZ", &parts);
  return text.data();
}

std::optional<std::int64_t> parse_span(std::string_view text) {
  static constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  constexpr std::int64_t kMost = 100'000;  // of any unit: 270 years of days
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& [name, ms] : kUnits) {
    if (unit == name && (number <= kMost || ms <= 1000)) return number * ms;
  }
  return std::nullopt;
}

}  // namespace longspan
