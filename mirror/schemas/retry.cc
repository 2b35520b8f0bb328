#include "mirror/schemas/retry.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "lagcalc/assert.h"

namespace longspan {

namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kNamedPauseMax{86'400};

// A number of exactly these digits; -1: it is none.
int digits(std::string_view text) {
  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc() && end == text.data() + text.size() && number >= 0;
  return is_number ? number : -1;
}

int month_number(std::string_view name) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto at = kMonths.find(name);
  return at == std::string_view::npos || at % 3 != 0 ? -1 : static_cast<int>(at / 3) + 1;
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<std::chrono::sys_seconds> parse_date(std::string_view text) {
  if (text.size() != 29 || !text.ends_with(" GMT") || text.substr(3, 2) != ", ") return {};
  const int day = digits(text.substr(5, 2));
  const int month = month_number(text.substr(8, 3));
  const int year = digits(text.substr(12, 4));
  const int hour = digits(text.substr(17, 2));
  const int minute = digits(text.substr(20, 2));
  const int second = digits(text.substr(23, 2));
  if (std::min({day, month, year, hour, minute, second}) < 0) return {};
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return {};
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

}  // namespace

bool is_retried(int status) {
  constexpr std::array kStatuses = {408, 429, 500, 502, 503, 504};
  return std::find(kStatuses.begin(), kStatuses.end(), status) != kStatuses.end();
}

bool is_retried(HttpFailure::Kind kind) { return kind == HttpFailure::Kind::network; }

std::optional<milliseconds> parse_retry_after(std::string_view value, Timing::Wall now) {
  const bool is_all_digits =
      !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
  if (is_all_digits) {  // of as many digits as one likes
    const int seconds = digits(value);
    return seconds < 0 ? kNamedPauseMax : std::min(std::chrono::seconds(seconds), kNamedPauseMax);
  }
  const auto date = parse_date(value);
  if (!date) return {};
  const auto left = std::chrono::ceil<std::chrono::seconds>(*date - now);
  return std::clamp(left, std::chrono::seconds(0), kNamedPauseMax);
}

Tries::Tries(const RetrySettings& settings, std::size_t urls, std::size_t first_url)
    : settings_(settings),
      urls_(urls),
      url_(first_url),
      tries_max_(std::max(urls, static_cast<std::size_t>(std::max(settings.tries_max, 1)))) {
  LONGSPAN_ASSERT(first_url < urls);
}

std::optional<milliseconds> Tries::after_failure(std::optional<milliseconds> retry_after,
                                                 double fraction) {
  if (tries_ == tries_max_) return {};
  const bool is_round_over = tries_ % urls_ == 0;
  const milliseconds own = is_round_over ? backoff(fraction) : milliseconds(0);
  const milliseconds wanted = std::min(retry_after.value_or(own), settings_.retry_after_max);
  ++tries_;
  url_ = (url_ + 1) % urls_;
  return std::max(own, wanted);
}

milliseconds Tries::backoff(double fraction) const {
  milliseconds bound = settings_.backoff_first;
  for (std::size_t round = 1; round < tries_ / urls_ && bound < settings_.backoff_max; ++round) {
    bound *= 2;
  }
  bound = std::min(bound, settings_.backoff_max);
  return milliseconds(
      static_cast<milliseconds::rep>(static_cast<double>(bound.count()) * fraction));
}

}  // namespace longspan
