#include "tracing/metric_doc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tracing/metric_table.h"

namespace longspan {
namespace {

TEST(MetricDoc, HasOneRowForEveryMetric) {
  const std::string text = metrics_markdown();
  for (const Metric& metric : kMetrics) {
    const std::string row = "| `" + std::string(metric.name) + "` |";
    const auto at = text.find(row);
    ASSERT_NE(at, std::string::npos) << metric.name;
    EXPECT_EQ(text.find(row, at + 1), std::string::npos) << metric.name;
  }
}

TEST(MetricDoc, StatesTheSumOfTheTableAsAFormula) {
  int process = 0;
  int partition = 0;
  for (const Metric& metric : kMetrics) {
    if (metric.per == Per::process) process += metric.series;
    if (metric.per == Per::partition) partition += metric.series;
  }
  EXPECT_THAT(metrics_markdown(),
              testing::ContainsRegex("at most " + std::to_string(process) +
                                     " \\+ [0-9]+ F \\+ [0-9]+ T \\+ " + std::to_string(partition) +
                                     " P \\+ [0-9]+ G\n"));
}

}  // namespace
}  // namespace longspan
