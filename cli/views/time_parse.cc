#include "cli/views/time_parse.h"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/views/time_text.h"

namespace longspan {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

// Takes exactly `digits` digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  const auto* const end = text.data() + digits;
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value < 0 || text.front() == '-') return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// ".123": milliseconds; further digits are left out.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  std::int64_t ms = 0;
  std::size_t digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
    constexpr std::int64_t kPlaces[] = {100, 10, 1};
    if (digits < std::size(kPlaces)) ms += (text.front() - '0') * kPlaces[digits];
    ++digits;
  }
  return digits > 0 ? std::optional(ms) : std::nullopt;
}

// "14:05", "14:05:30", "14:05:30.5"
std::optional<std::int64_t> take_clock(std::string_view& text) {
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  std::int64_t ms = (*hours * 60 + *minutes) * std::int64_t{60'000};
  if (!take(text, ':')) return ms;
  const auto seconds = take_number(text, 2);
  if (!seconds || *seconds > 60) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  return ms + *seconds * std::int64_t{1000} + *fraction;
}

// Milliseconds to be taken off.
std::optional<std::int64_t> take_zone(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  const bool is_east = take(text, '+');
  if (!is_east && !take(text, '-')) return std::nullopt;
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const std::int64_t ms = (*hours * 60 + *minutes) * std::int64_t{60'000};
  return is_east ? ms : -ms;
}

std::optional<TimestampMs> rfc3339(std::string_view text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day || !(take(text, 'T') || take(text, 't') || take(text, ' '))) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const auto clock = take_clock(text);
  if (!clock) return std::nullopt;
  const auto zone = take_zone(text);
  if (!zone || !text.empty()) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return TimestampMs{days * kDayMs + *clock - *zone};
}

// "14:05Z", "14:05:30+02:00": the last time that it was so late.
std::optional<TimestampMs> time_of_day(std::string_view text, TimestampMs now) {
  const auto clock = take_clock(text);
  if (!clock) return std::nullopt;
  const auto zone = text.empty() ? std::optional<std::int64_t>(0) : take_zone(text);
  if (!zone || !text.empty()) return std::nullopt;
  const std::int64_t today = now.value / kDayMs * kDayMs + *clock - *zone;
  const std::int64_t ago = now.value - today;
  const std::int64_t days = ago / kDayMs - (ago % kDayMs < 0 ? 1 : 0);
  return TimestampMs{today + days * kDayMs};
}

// "1795222923" or "1795222923456": since 1970.
std::optional<TimestampMs> since_1970(std::string_view text) {
  std::int64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || text.front() == '-') return std::nullopt;
  if (text.size() == 10) return TimestampMs{value * 1000};
  return text.size() == 13 ? std::optional(TimestampMs{value}) : std::nullopt;
}

}  // namespace

Result<TimestampMs> parse_time(std::string_view text, TimestampMs now) {
  if (!text.empty() && text.front() == '-') {
    if (const auto span = parse_span(text.substr(1))) return TimestampMs{now.value - *span};
  }
  if (const auto at = rfc3339(text)) return *at;
  if (const auto at = time_of_day(text, now)) return *at;
  if (const auto at = since_1970(text)) return *at;
  return fail(Next::stop_process,
              "'" + std::string(text) +
                  "' is no time: give 2026-11-21T14:05:00Z, 14:05 (the last one, UTC), -15m, or "
                  "seconds since 1970");
}

}  // namespace longspan
