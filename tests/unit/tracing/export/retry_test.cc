#include "tracing/export/retry.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/fakes/seed.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

// RFC 9110's own example, in its three forms: 784111777 s since 1970.
const sys_seconds kExample{seconds(784'111'777)};

struct DateRow {
  std::string text;
  std::optional<std::int64_t> seconds;
};

TEST(HttpDate, IsReadInItsThreeForms) {
  const DateRow rows[] = {
      {"Sun, 06 Nov 1994 08:49:37 GMT", 784'111'777},
      {"Sunday, 06-Nov-94 08:49:37 GMT", 784'111'777},
      {" SunNov. 6 08:58:54:9994", {}},
      {"Sun Nov  6 08:49:37 1994", 784'111'777},
      {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
      {"Thu, 29 Feb 2024 23:59:60 GMT", 1'709'251'200},
      {"Monday, 23-Nov-26 00:00:00 GMT", 1'795'392'000},
      {"Wed Nov 16 08:49:37 1994", 784'975'777},
      {"Sun, 06 Nov 1994 08:49:37 UTC", {}},
      {"Sun, 06 Nov 1994 08:49:37", {}},
      {"Sun, 31 Feb 2026 08:49:37 GMT", {}},
      {"Sun, 06 Nov 1994 24:00:00 GMT", {}},
      {"Sun, 06 Nov 1994 08:60:00 GMT", {}},
      {"Sun, 06 nov 1994 08:49:37 GMT", {}},
      {"Sun, xx Nov 1994 08:49:37 GMT", {}},
      {"Sun, 06 Nov -994 08:49:37 GMT", {}},
      {"", {}},
      {"soon", {}},
  };
  for (const DateRow& row : rows) {
    SCOPED_TRACE(row.text);
    const auto found = read_http_date(row.text);
    EXPECT_EQ(found.has_value(), row.seconds.has_value());
    if (!found || !row.seconds) continue;
    EXPECT_EQ(found->time_since_epoch().count(), *row.seconds);
  }
}

TEST(RetryAfter, IsSecondsOrADate) {
  EXPECT_EQ(read_retry_after("120", kExample), seconds(120));
  EXPECT_EQ(read_retry_after(" 0 ", kExample), seconds(0));
  EXPECT_EQ(read_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", kExample), seconds(60));
  EXPECT_EQ(read_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", kExample), seconds(0));
  EXPECT_EQ(read_retry_after("Sat, 05 Nov 1994 08:49:37 GMT", kExample), seconds(0));
  for (const std::string text : {"-1", "1.5", "", "soon", "+5", "99999999999999"}) {
    EXPECT_EQ(read_retry_after(text, kExample), std::nullopt) << text;
  }
}

struct VerdictRow {
  std::string what;
  SendResult result;
  int attempts;
  AfterSend after;
};

SendResult status(int code, std::optional<std::string> retry_after = {}) {
  return CollectorAnswer{code, {}, std::move(retry_after), {}};
}

TEST(JudgeSending, SendsAgainOnlyWhatOtlpNames) {
  std::vector<VerdictRow> rows;
  for (const int code : {200, 202, 204}) rows.push_back({"2xx", status(code), 1, {}});
  for (const int code : {429, 502, 503, 504}) {
    rows.push_back({"again", status(code), 4, AfterSend::again});
    rows.push_back({"tried", status(code), 5, AfterSend::given_up});
  }
  for (const int code : {0, 100, 301, 400, 401, 403, 404, 408, 413, 500, 501, 505, 599}) {
    rows.push_back({"refused", status(code), 1, AfterSend::refused});
  }
  rows.push_back({"unreachable", Error{Next::retry, 0, "no route", ""}, 1, AfterSend::again});
  rows.push_back({"unreachable", Error{Next::retry, 0, "no route", ""}, 5, AfterSend::given_up});
  rows.push_back({"bad URL", Error{Next::stop_process, 0, "no URL", ""}, 1, AfterSend::refused});
  std::mt19937_64 random(1);
  for (const VerdictRow& row : rows) {
    SCOPED_TRACE(row.what + " " + (row.result ? std::to_string(row.result->status) : "error"));
    const Verdict found = judge_sending(row.result, row.attempts, kExample, {}, random);
    EXPECT_EQ(found.after, row.after);
    EXPECT_EQ(found.wait.count() > 0, row.after == AfterSend::again);
  }
}

TEST(JudgeSending, HonoursRetryAfterWithinItsBound) {
  std::mt19937_64 random(1);
  const auto wait = [&](int code, std::string text) {
    return judge_sending(status(code, std::move(text)), 1, kExample, {}, random).wait;
  };
  EXPECT_EQ(wait(503, "7"), seconds(7));
  EXPECT_EQ(wait(429, "Sun, 06 Nov 1994 08:50:07 GMT"), seconds(30));
  EXPECT_EQ(wait(503, "0"), seconds(0));
  EXPECT_EQ(wait(503, "86400"), seconds(600));
  EXPECT_GE(wait(503, "rubbish"), milliseconds(500));
  EXPECT_EQ(wait(500, "7"), seconds(0));  // is not sent again
}

TEST(JudgeSending, WaitsTwiceAsLongEachTimeWithHalfOfItRandom) {
  const RetryPolicy policy{100, milliseconds(1'000), milliseconds(10'000)};
  for (const std::uint64_t seed : test_seeds(20)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::mt19937_64 again(seed);
    milliseconds full{1'000};
    for (int attempts = 1; attempts < 12; ++attempts) {
      const Verdict found = judge_sending(status(503), attempts, kExample, policy, random);
      EXPECT_GE(found.wait, full / 2);
      EXPECT_LE(found.wait, full);
      EXPECT_EQ(found, judge_sending(status(503), attempts, kExample, policy, again));
      full = std::min(full * 2, milliseconds(10'000));
    }
  }
}

}  // namespace
}  // namespace longspan
