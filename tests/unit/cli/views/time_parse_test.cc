#include "cli/views/time_parse.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace longspan {
namespace {

constexpr TimestampMs kNow{1'795'222'923'456};  // 2026-11-21T01:02:03.456Z

TEST(TimeParse, WhatOperatorsType) {
  struct Case {
    const char* text;
    std::optional<std::int64_t> at;
  };
  for (const auto& [text, at] : {
           Case{"2026-11-21T01:02:03Z", 1'795'222'923'000},
           Case{"2026-11-21T01:02:03.456Z", 1'795'222'923'456},
           Case{"2026-11-21T01:02:03.4Z", 1'795'222'923'400},
           Case{"2026-11-21T01:02:03.456789Z", 1'795'222'923'456},
           Case{"2026-11-21t01:02z", 1'795'222'920'000},
           Case{"2026-11-21 01:02:03Z", 1'795'222'923'000},
           Case{"2026-11-21T03:02:03+02:00", 1'795'222'923'000},
           Case{"2026-11-20T20:02:03-05:00", 1'795'222'923'000},
           Case{"1969-12-31T23:59:59Z", -1'000},
           Case{"01:00", 1'795'222'800'000},
           Case{"01:00:30", 1'795'222'830'000},
           Case{"-15m", 1'795'222'923'456 - 900'000},
           Case{"-0s", 1'795'222'923'456},
           Case{"", {}},
           Case{"-", {}},
           Case{"15m", {}},
           Case{"-15", {}},
           Case{"25:00", {}},
           Case{"14:60", {}},
           Case{"1:00", {}},
           Case{"01:02:04", 1'795'222'924'000 - 86'400'000},
           Case{"14:05", 1'795'269'900'000 - 86'400'000},
           Case{"01:01Z", 1'795'222'860'000},
           Case{"03:02:03+02:00", 1'795'222'923'000},
           Case{"20:00-05:00", 1'795'222'800'000},
           Case{"23:30-05:00", 1'795'222'800'000 + 12'600'000 - 86'400'000},
           Case{"14:05x", {}},
           Case{"1795222923", 1'795'222'923'000},
           Case{"1795222923456", 1'795'222'923'456},
           Case{"179522292", {}},
           Case{"-179522292", {}},
           Case{"2026-11-21", {}},
           Case{"2026-11-21T01:02:03", {}},
           Case{"2026-02-30T01:02:03Z", {}},
           Case{"2026-13-01T01:02:03Z", {}},
           Case{"2026-11-21T01:02:03.Z", {}},
           Case{"2026-11-21T01:02:03Zx", {}},
           Case{"+026-11-21T01:02:03Z", {}},
       }) {
    const auto parsed = parse_time(text, kNow);
    EXPECT_EQ(parsed.has_value(), at.has_value()) << text;
    if (parsed && at) {
      EXPECT_EQ(parsed->value, *at) << text;
    }
  }
  constexpr TimestampMs kLate{1'795'222'923'456 + 22 * 3'600'000};  // 23:02:03
  EXPECT_EQ(parse_time("00:30+02:00", kLate)->value, 1'795'219'200'000 + 81'000'000)
      << "half an hour ago";
  EXPECT_EQ(parse_time("noon", kNow).error().what,
            "'noon' is no time: give 2026-11-21T14:05:00Z, 14:05 (the last one, UTC), -15m, or "
            "seconds since 1970");
}

}  // namespace
}  // namespace longspan
