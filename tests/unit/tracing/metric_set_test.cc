#include "tracing/metric_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longspan {
namespace {

using testing::HasSubstr;

TEST(MetricSet, RendersTheTextForm) {
  MetricSet set;
  set.add("longspan_flow_backpressure_total", {"east->west"}, 3);
  set.add("longspan_ready", {}, 1);
  EXPECT_EQ(set.text(),
            "# HELP longspan_ready 1 when every flow holds its slots or knows that others do, "
            "else 0\n"
            "# TYPE longspan_ready gauge\n"
            "longspan_ready 1\n"
            "# HELP longspan_flow_backpressure_total Times reading stopped because too much was "
            "in flight\n"
            "# TYPE longspan_flow_backpressure_total counter\n"
            "longspan_flow_backpressure_total{flow=\"east->west\"} 3\n");
}

TEST(MetricSet, IsEmptyWithoutSamples) { EXPECT_EQ(MetricSet().text(), ""); }

TEST(MetricSet, OrdersPartitionsAsNumbersAndTheOverflowLast) {
  MetricSet set;
  for (const char* partition : {"10", "(overflow)", "2", "0"}) {
    set.add("longspan_partition_state", {"f", "t", partition}, 0);
  }
  std::vector<std::string> order;
  for (const auto* sample : set.ordered("longspan_partition_state")) {
    order.push_back(sample->labels[2]);
  }
  EXPECT_THAT(order, testing::ElementsAre("0", "2", "10", "(overflow)"));
}

TEST(MetricSet, DoesNotDependOnTheOrderOfAdding) {
  MetricSet one;
  MetricSet other;
  one.add("longspan_ready", {}, 1);
  one.add("longspan_flow_running", {"a"}, 1);
  one.add("longspan_flow_running", {"b"}, 0);
  other.add("longspan_flow_running", {"b"}, 0);
  other.add("longspan_flow_running", {"a"}, 1);
  other.add("longspan_ready", {}, 1);
  EXPECT_EQ(one.text(), other.text());
}

TEST(MetricSet, KeepsTheLaterOfTwoWithTheSameLabels) {
  MetricSet set;
  set.add("longspan_ready", {}, 0);
  set.add("longspan_ready", {}, 1);
  EXPECT_THAT(set.text(), HasSubstr("\nlongspan_ready 1\n"));
  EXPECT_EQ(set.ordered("longspan_ready").size(), 1U);
}

TEST(MetricSet, EscapesLabelValues) {
  MetricSet set;
  set.add("longspan_flow_running", {"a\"b\\c\nd"}, 1);
  EXPECT_THAT(set.text(), HasSubstr(R"({flow="a\"b\\c\nd"} 1)"));
}

TEST(MetricSet, RendersHistogramsWithAllBucketsSumAndCount) {
  Histogram histogram;
  histogram.record(0.0005);
  histogram.record(0.0015, 3);
  histogram.record(7200);
  MetricSet set;
  set.add("longspan_residence_seconds", {"f", "t"}, histogram);
  const std::string text = set.text();
  EXPECT_THAT(
      text,
      HasSubstr("longspan_residence_seconds_bucket{flow=\"f\",topic=\"t\",le=\"0.001\"} 1\n"));
  EXPECT_THAT(
      text, HasSubstr("longspan_residence_seconds_bucket{flow=\"f\",topic=\"t\",le=\"3600\"} 4\n"));
  EXPECT_THAT(
      text, HasSubstr("longspan_residence_seconds_bucket{flow=\"f\",topic=\"t\",le=\"+Inf\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("longspan_residence_seconds_count{flow=\"f\",topic=\"t\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("longspan_residence_seconds_sum{flow=\"f\",topic=\"t\"} 7200.005\n"));
  const auto lines = std::count(text.begin(), text.end(), '\n');
  EXPECT_EQ(lines, kHistogramSeries + 2);
}

TEST(MetricSetDeathTest, AssertsOnWrongLabelsOrKind) {
  MetricSet set;
  EXPECT_DEATH(set.add("longspan_ready", {"extra"}, 1), "assertion failed");
  EXPECT_DEATH(set.add("longspan_flow_running", {}, 1), "assertion failed");
  EXPECT_DEATH(set.add("longspan_residence_seconds", {"f", "t"}, 1), "assertion failed");
  EXPECT_DEATH(set.add("longspan_ready", {}, Histogram()), "assertion failed");
}

}  // namespace
}  // namespace longspan
