#include "lagcalc/text.h"

#include <gtest/gtest.h>

#include <limits>
#include <utility>

namespace longspan {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

TEST(Text, Durations) {
  const std::pair<std::int64_t, const char*> rows[] = {
      {0, "0 ms"},           {999, "999 ms"},          {1000, "1.0 s"},
      {1250, "1.2 s"},       {59'960, "59.9 s"},       {60'000, "1 m 0 s"},
      {200'000, "3 m 20 s"}, {3'599'999, "59 m 59 s"}, {7'500'000, "2 h 5 m"},
      {-1200, "-1.2 s"},     {356'400'000, "4 d 3 h"}, {kMin, "-106751991167 d 7 h"},
  };
  for (const auto& [ms, expected] : rows) EXPECT_EQ(duration_text(ms), expected) << ms;
}

TEST(Text, Counts) {
  const std::pair<std::int64_t, const char*> rows[] = {
      {0, "0"},           {999, "999"},       {1000, "1.0 k"},    {1299, "1.2 k"},
      {99'999, "99.9 k"}, {100'000, "100 k"}, {999'999, "999 k"}, {1'000'000, "1.0 M"},
      {-1500, "-1.5 k"},  {kMax, "9.2 E"},    {kMin, "-9.2 E"},
  };
  for (const auto& [count, expected] : rows) EXPECT_EQ(count_text(count), expected) << count;
}

TEST(Text, Bytes) {
  const std::pair<std::int64_t, const char*> rows[] = {
      {0, "0 B"},
      {1023, "1023 B"},
      {1024, "1.0 KiB"},
      {1536, "1.5 KiB"},
      {std::int64_t{123} << 20, "123 MiB"},
      {kMax, "7.9 EiB"},
  };
  for (const auto& [bytes, expected] : rows) EXPECT_EQ(bytes_text(bytes), expected) << bytes;
}

TEST(Text, Rates) {
  const std::pair<double, const char*> rows[] = {
      {0, "0.0"}, {0.39, "0.3"}, {9.99, "9.9"}, {10, "10"}, {1234.5, "1.2 k"}, {1e300, "9.0 E"},
  };
  for (const auto& [rate, expected] : rows) EXPECT_EQ(rate_text(rate), expected) << rate;
}

}  // namespace
}  // namespace longspan
