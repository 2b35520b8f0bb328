#include "tracing/log_line.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace longspan {
namespace {

TEST(LogLine, IsTimeLevelEventContextFields) {
  const LogEvent event{LogLevel::info,
                       LogContext({{"flow", "east->west"}}).with({"shard", 2}),
                       "partition_started",
                       {{"topic", "orders"}, {"partition", 3}, {"offset", Offset{12}}}};
  EXPECT_EQ(log_line({1795222923456}, event),
            "2026-11-21T01:02:03.456Z level=info event=partition_started flow=east->west shard=2 "
            "topic=orders partition=3 offset=12");
}

TEST(LogLine, ShowsTimeBeforeTheEpochAndLeapDays) {
  EXPECT_EQ(iso_time({-1}), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(iso_time({951782400000}), "2000-02-29T00:00:00.000Z");
}

TEST(LogLine, LeavesOutAbsentOptionals) {
  const LogEvent event{LogLevel::warn,
                       {},
                       "x",
                       {{"a", std::optional<int>()}, {"b", std::optional<Offset>(Offset{7})}}};
  EXPECT_EQ(log_line({0}, event), "1970-01-01T00:00:00.000Z level=warn event=x b=7");
}

TEST(LogLine, WritesNumbersShortAndWhole) {
  const LogEvent event{LogLevel::debug,
                       {},
                       "x",
                       {{"tenth", 0.1},
                        {"least", std::numeric_limits<std::int64_t>::min()},
                        {"most", std::numeric_limits<std::uint64_t>::max()},
                        {"yes", true},
                        {"wait", std::chrono::milliseconds(250)}}};
  EXPECT_EQ(log_line({0}, event),
            "1970-01-01T00:00:00.000Z level=debug event=x tenth=0.1 least=-9223372036854775808 "
            "most=18446744073709551615 yes=true wait=250");
}

struct ValueCase {
  const char* name;
  std::string value;
  std::string text;
};

class LogValue : public testing::TestWithParam<ValueCase> {};

TEST_P(LogValue, IsQuotedOnlyWhenNeeded) {
  EXPECT_EQ(log_value(GetParam().value), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Table, LogValue,
    testing::Values(ValueCase{"bare", "east->west", "east->west"},
                    ValueCase{"backslash_alone", R"(C:\x)", R"(C:\x)"},
                    ValueCase{"empty", "", R"("")"}, ValueCase{"space", "a b", R"("a b")"},
                    ValueCase{"equals", "a=b", R"("a=b")"},
                    ValueCase{"quote", "say \"x\"", R"("say \"x\"")"},
                    ValueCase{"backslash_in_quotes", "a\\ b", R"("a\\ b")"},
                    ValueCase{"newline", "a\nlevel=error", R"("a\nlevel=error")"},
                    ValueCase{"tab_return", "a\t\r", R"("a\t\r")"},
                    ValueCase{"escape", "\x1b[31m", R"("\x1b[31m")"},
                    ValueCase{"nul", std::string("a\0b", 3), R"("a\x00b")"},
                    ValueCase{"del", "\x7f", R"("\x7f")"},
                    ValueCase{"c1_control", "\xc2\x9b", R"("\xc2\x9b")"},
                    ValueCase{"utf8", "Zürich-東京-😀", "Zürich-東京-😀"},
                    ValueCase{"lone_byte", "a\xff", R"("a\xff")"},
                    ValueCase{"overlong", "\xc0\xaf", R"("\xc0\xaf")"},
                    ValueCase{"overlong_three", "\xe0\x80\xaf", R"("\xe0\x80\xaf")"},
                    ValueCase{"surrogate", "\xed\xa0\x80", R"("\xed\xa0\x80")"},
                    ValueCase{"above_unicode", "\xf4\x90\x80\x80", R"("\xf4\x90\x80\x80")"},
                    ValueCase{"cut_sequence", "a\xe6\x9d", R"("a\xe6\x9d")"}),
    [](const auto& test) { return test.param.name; });

TEST(LogValueLength, IsBounded) {
  const std::string text = log_value(std::string(kLogValueMax + 1, 'x'));
  EXPECT_EQ(text, std::string(kLogValueMax, 'x') + "...");
  EXPECT_EQ(log_value(std::string(kLogValueMax, 'x')), std::string(kLogValueMax, 'x'));
}

}  // namespace
}  // namespace longspan
