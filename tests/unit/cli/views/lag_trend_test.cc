#include "cli/views/lag_trend.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

LagRow row_named(const std::string& topic, std::optional<double> lag) {
  LagRow row;
  row.of(LagColumn::flow).text = "east->west";
  row.of(LagColumn::topic).text = topic;
  row.of(LagColumn::lag).value = lag;
  return row;
}

TEST(LagTrend, ScalesEachRowToItsOwnMost) {
  LagTrend trend(LagColumn::topic);
  EXPECT_EQ(trend.title(), "LAG TREND") << "a name has no trend";
  for (const double lag : {0.0, 7.0, 3.0}) {
    trend.take({row_named("orders", lag), row_named("users", 100 * lag)});
  }
  EXPECT_EQ(trend.sparkline(row_named("orders", 0)), "▁█▄");
  EXPECT_EQ(trend.sparkline(row_named("users", 0)), "▁█▄");
}

TEST(LagTrend, UnknownIsNotZero) {
  LagTrend trend(LagColumn::lag);
  trend.take({row_named("orders", std::nullopt)});
  LagRow none = row_named("orders", std::nullopt);
  none.of(LagColumn::lag).is_none = true;
  trend.take({none});
  trend.take({row_named("orders", 0)});
  EXPECT_EQ(trend.sparkline(row_named("orders", 0)), "?-▁");
}

TEST(LagTrend, ForgetsOldLooksAndRowsThatWent) {
  LagTrend trend(LagColumn::lag);
  for (std::size_t i = 0; i <= LagTrend::kLooks; ++i) {
    trend.take({row_named("orders", i == 0 ? 1'000'000.0 : 1.0), row_named("users", 1)});
  }
  std::string all;
  for (std::size_t i = 0; i < LagTrend::kLooks; ++i) all += "█";
  EXPECT_EQ(trend.sparkline(row_named("orders", 0)), all) << "the first look is forgotten";
  trend.take({row_named("orders", 1)});
  EXPECT_EQ(trend.sparkline(row_named("users", 0)), "");
}

}  // namespace
}  // namespace longspan
