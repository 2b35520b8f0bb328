#include "mirror/schemas/retry.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace longspan {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr Timing::Wall kNow{std::chrono::seconds(784'111'777)};  // Sun, 06 Nov 1994 08:49:37 GMT

TEST(Retry, OnlyWhatMayGoWellTheNextTime) {
  for (const int status : {408, 429, 500, 502, 503, 504}) EXPECT_TRUE(is_retried(status));
  for (const int status : {200, 204, 301, 400, 401, 403, 404, 405, 409, 413, 422, 501, 505}) {
    EXPECT_FALSE(is_retried(status)) << status;
  }
  EXPECT_TRUE(is_retried(HttpFailure::Kind::network));
  for (const auto kind : {HttpFailure::Kind::tls, HttpFailure::Kind::too_large,
                          HttpFailure::Kind::unusable, HttpFailure::Kind::stopped}) {
    EXPECT_FALSE(is_retried(kind));
  }
}

TEST(Retry, ReadsRetryAfter) {
  struct Row {
    const char* name;
    const char* value;
    std::optional<milliseconds> pause;
  };
  for (const Row& row : {
           Row{"seconds", "120", 120s},
           Row{"now", "0", 0s},
           Row{"a day at most", "86401", 86'400s},
           Row{"more than an int", "99999999999999999999", 86'400s},
           Row{"date", "Sun, 06 Nov 1994 08:50:07 GMT", 30s},
           Row{"date of the next day", "Mon, 07 Nov 1994 00:00:00 GMT", 54'623s},
           Row{"date that has passed", "Sun, 06 Nov 1994 08:49:36 GMT", 0s},
           Row{"leap day", "Tue, 29 Feb 2000 00:00:00 GMT", 86'400s},
           Row{"no such day", "Mon, 30 Feb 1995 00:00:00 GMT", {}},
           Row{"no such hour", "Sun, 06 Nov 1994 25:49:37 GMT", {}},
           Row{"no such month", "Sun, 06 anF 1994 08:49:37 GMT", {}},
           Row{"obsolete form", "Sunday, 06-Nov-94 08:49:37 GMT", {}},
           Row{"another zone", "Sun, 06 Nov 1994 08:49:37 CET", {}},
           Row{"negative", "-1", {}},
           Row{"fraction", "1.5", {}},
           Row{"words", "soon", {}},
           Row{"nothing", "", {}},
       }) {
    EXPECT_EQ(parse_retry_after(row.value, kNow), row.pause) << row.name;
  }
}

// What is tried after what pause: "url@pause".
std::vector<std::string> course(Tries tries, std::optional<milliseconds> retry_after,
                                double fraction) {
  std::vector<std::string> tried = {std::to_string(tries.url())};
  while (const auto pause = tries.after_failure(retry_after, fraction)) {
    tried.push_back(std::to_string(tries.url()) + "@" + std::to_string(pause->count()));
  }
  return tried;
}

using Course = std::vector<std::string>;
constexpr double kAlmostOne = 0.9999999;

TEST(Retry, BacksOffExponentiallyWithFullJitter) {
  const RetrySettings settings{6, 200ms, 1'000ms, 30s};
  EXPECT_EQ(course({settings, 1, 0}, {}, 0.5),
            (Course{"0", "0@100", "0@200", "0@400", "0@500", "0@500"}));
  EXPECT_EQ(course({settings, 1, 0}, {}, 0), (Course{"0", "0@0", "0@0", "0@0", "0@0", "0@0"}));
  EXPECT_EQ(course({settings, 1, 0}, {}, kAlmostOne),
            (Course{"0", "0@199", "0@399", "0@799", "0@999", "0@999"}));
}

TEST(Retry, ARoundOverAllUrlsComesBeforeAPause) {
  const RetrySettings settings{5, 200ms, 1'000ms, 30s};
  EXPECT_EQ(course({settings, 2, 1}, {}, 0.5), (Course{"1", "0@0", "1@100", "0@0", "1@200"}));
}

TEST(Retry, EachUrlIsTriedHoweverFewTriesThereAre) {
  const RetrySettings settings{1, 200ms, 1'000ms, 30s};
  EXPECT_EQ(course({settings, 3, 2}, {}, 0.5), (Course{"2", "0@0", "1@0"}));
  EXPECT_EQ(course({settings, 1, 0}, {}, 0.5), (Course{"0"}));
}

TEST(Retry, HonoursRetryAfterWithinABound) {
  const RetrySettings settings{3, 200ms, 1'000ms, 30s};
  EXPECT_EQ(course({settings, 1, 0}, 7s, 0.5), (Course{"0", "0@7000", "0@7000"}));
  EXPECT_EQ(course({settings, 1, 0}, 2h, 0.5), (Course{"0", "0@30000", "0@30000"}));
  EXPECT_EQ(course({settings, 1, 0}, 0s, 0.5), (Course{"0", "0@100", "0@200"}));
  EXPECT_EQ(course({settings, 2, 0}, 1s, 0.5), (Course{"0", "1@1000", "0@1000"}));
}

TEST(Timing, AStopEndsAPause) {
  std::stop_source stop;
  stop.request_stop();
  SystemTiming timing;
  const auto began = timing.steady();
  timing.pause(1h, stop.get_token());
  EXPECT_LT(timing.steady() - began, 10s);
  timing.pause(1ms, {});
  const double fraction = timing.fraction();
  EXPECT_GE(fraction, 0);
  EXPECT_LT(fraction, 1);
}

}  // namespace
}  // namespace longspan
