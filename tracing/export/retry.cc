#include "tracing/export/retry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

namespace longspan {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<int> read_digits(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = !text.empty() && text[0] >= '0' && text[0] <= '9';
  if (!is_number || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct DateParts {
  std::string_view day;
  std::string_view month;
  std::string_view year;
  std::string_view time;
};

// Sun, 06 Nov 1994 08:49:37 GMT | Sunday, 06-Nov-94 08:49:37 GMT | Sun Nov  6 08:49:37 1994
std::optional<DateParts> split_date(std::string_view text) {
  const std::size_t comma = text.find(", ");
  if (comma == std::string_view::npos) {
    constexpr std::array<std::size_t, 4> kBlanks{3, 7, 10, 19};
    const auto is_blank = [&](std::size_t at) { return text[at] == ' '; };
    if (text.size() != 24 || is_blank(0)) return std::nullopt;
    if (!std::all_of(kBlanks.begin(), kBlanks.end(), is_blank)) return std::nullopt;
    std::string_view day = text.substr(8, 2);
    if (day[0] == ' ') day.remove_prefix(1);
    return DateParts{day, text.substr(4, 3), text.substr(20), text.substr(11, 8)};
  }
  text.remove_prefix(comma + 2);
  if (!text.ends_with(" GMT")) return std::nullopt;
  text.remove_suffix(4);
  if (text.size() == 20) {
    return DateParts{text.substr(0, 2), text.substr(3, 3), text.substr(7, 4), text.substr(12)};
  }
  if (text.size() != 18) return std::nullopt;
  return DateParts{text.substr(0, 2), text.substr(3, 3), text.substr(7, 2), text.substr(10)};
}

std::optional<std::chrono::seconds> read_time(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  const auto hours = read_digits(text.substr(0, 2));
  const auto minutes = read_digits(text.substr(3, 2));
  const auto seconds = read_digits(text.substr(6));
  if (!hours || !minutes || !seconds) return std::nullopt;
  if (*hours > 23 || *minutes > 59 || *seconds > 60) return std::nullopt;
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes) +
         std::chrono::seconds(*seconds);
}

bool may_be_sent_again(const SendResult& result) {
  if (!result) return result.error().next == Next::retry;
  constexpr std::array<int, 4> kAgain{429, 502, 503, 504};
  return std::find(kAgain.begin(), kAgain.end(), result->status) != kAgain.end();
}

std::chrono::milliseconds backoff(int attempts, const RetryPolicy& policy,
                                  std::mt19937_64& random) {
  std::chrono::milliseconds wait = policy.first_wait;
  for (int i = 1; i < attempts && wait < policy.wait_max; ++i) wait *= 2;
  wait = std::min(wait, policy.wait_max);
  const auto half = static_cast<std::uint64_t>(wait.count() / 2);
  return wait - std::chrono::milliseconds(random() % (half + 1));
}

}  // namespace

std::optional<std::chrono::sys_seconds> read_http_date(std::string_view text) {
  const auto parts = split_date(text);
  if (!parts) return std::nullopt;
  const auto month = std::find(kMonths.begin(), kMonths.end(), parts->month);
  const auto day = read_digits(parts->day);
  auto year = read_digits(parts->year);
  const auto time = read_time(parts->time);
  if (month == kMonths.end() || !day || !year || !time) return std::nullopt;
  if (parts->year.size() == 2) *year += *year < 70 ? 2000 : 1900;
  const std::chrono::year_month_day date{
      std::chrono::year(*year),
      std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
      std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + *time;
}

std::optional<std::chrono::seconds> read_retry_after(std::string_view value,
                                                     std::chrono::sys_seconds now) {
  while (value.starts_with(' ')) value.remove_prefix(1);
  while (value.ends_with(' ')) value.remove_suffix(1);
  if (const auto seconds = read_digits(value)) return std::chrono::seconds(*seconds);
  const auto date = read_http_date(value);
  if (!date) return std::nullopt;
  return std::max(*date - now, std::chrono::seconds(0));
}

Verdict judge_sending(const SendResult& result, int attempts, std::chrono::sys_seconds now,
                      const RetryPolicy& policy, std::mt19937_64& random) {
  if (result && result->status >= 200 && result->status < 300) return {AfterSend::accepted};
  if (!may_be_sent_again(result)) return {AfterSend::refused};
  if (attempts >= policy.attempts_max) return {AfterSend::given_up};
  std::optional<std::chrono::seconds> asked;
  if (result && result->retry_after) asked = read_retry_after(*result->retry_after, now);
  if (!asked) return {AfterSend::again, backoff(attempts, policy, random)};
  const auto asked_max = std::chrono::duration_cast<std::chrono::seconds>(policy.retry_after_max);
  return {AfterSend::again, std::min(*asked, asked_max)};
}

}  // namespace longspan
