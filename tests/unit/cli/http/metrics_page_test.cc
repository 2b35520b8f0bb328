#include "cli/http/metrics_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "tests/unit/cli/views/rich_figures.h"
#include "tests/unit/cli/views/rich_snapshot.h"

namespace longspan {
namespace {

using testing::HasSubstr;
using testing::Not;

ProcessFigures figures_with_logs() {
  ProcessFigures figures = rich_figures();
  figures.log->lines[static_cast<int>(LogLevel::warn)] = 3;
  figures.at = TimestampMs{1'700'000'000'000};
  return figures;
}

// The value of the one sample with these labels; absent when there is none.
std::optional<double> value(const MetricSet& set, MetricName metric,
                            const MetricSet::Labels& labels) {
  for (const auto* sample : set.ordered(metric)) {
    if (sample->labels == labels) return std::get<double>(sample->value);
  }
  return std::nullopt;
}

TEST(MetricsPage, FillsEveryRowOfTheTable) {
  const MetricSet set = collect(rich_snapshot(), figures_with_logs());
  for (std::size_t row = 0; row < kMetrics.size(); ++row) {
    EXPECT_FALSE(set.ordered(row).empty()) << kMetrics[row].name;
  }
}

// The formula in METRICS.md promises an upper bound.
TEST(MetricsPage, KeepsToTheNumberOfSeriesTheTableStates) {
  const MetricSet set = collect(rich_snapshot(), figures_with_logs());
  constexpr int kFlows = 2;
  constexpr int kTopics = 2;
  constexpr int kPartitions = 3;
  constexpr int kGroups = 2;
  for (std::size_t row = 0; row < kMetrics.size(); ++row) {
    const Metric& metric = kMetrics[row];
    const int things = metric.per == Per::process ? 1
                       : metric.per == Per::flow  ? kFlows
                       : metric.per == Per::topic ? kTopics
                       : metric.per == Per::group ? kGroups
                                                  : kPartitions;
    const int each = metric.kind == MetricKind::histogram ? kHistogramSeries : 1;
    EXPECT_LE(static_cast<int>(set.ordered(row).size()) * each, things * metric.series)
        << metric.name;
  }
}

TEST(MetricsPage, ShowsAPartitionInBaseUnits) {
  const MetricSet set = collect(rich_snapshot(), {});
  const MetricSet::Labels p{"east->west", "orders", "0"};
  EXPECT_EQ(value(set, "longspan_mirrored_records_total", p), 777);
  EXPECT_EQ(value(set, "longspan_mirrored_bytes_total", p), 88'888);
  EXPECT_EQ(value(set, "longspan_written_twice_records_total", p), 2);
  EXPECT_EQ(value(set, "longspan_partition_offset_lag_records", p), 500);
  EXPECT_EQ(value(set, "longspan_partition_head_age_seconds", p), 2.5);
  EXPECT_EQ(value(set, "longspan_partition_catch_up_seconds", p), 12);
  EXPECT_EQ(value(set, "longspan_partition_source_end_offset", p), 1500);
  EXPECT_EQ(value(set, "longspan_partition_mirrored_offset", p), 1000);
  EXPECT_EQ(value(set, "longspan_partition_in_flight_records", p), 42);
  EXPECT_EQ(value(set, "longspan_partition_state", p), 0);
  EXPECT_EQ(value(set, "longspan_partition_newest_timestamp_seconds", p), 1'795'222'900.123);
  EXPECT_EQ(value(set, "longspan_partition_position_time_seconds", p), 1'795'222'923);
}

TEST(MetricsPage, LeavesUnknownOutAndCountsIt) {
  const MetricSet set = collect(rich_snapshot(), {});
  const MetricSet::Labels p{"east->west", "orders", "1"};
  EXPECT_EQ(value(set, "longspan_partition_offset_lag_records", p), std::nullopt);
  EXPECT_EQ(value(set, "longspan_partition_head_age_seconds", p), std::nullopt);
  EXPECT_EQ(value(set, "longspan_partition_catch_up_seconds", p), std::nullopt);
  EXPECT_EQ(value(set, "longspan_partition_source_end_offset", p), std::nullopt);
  EXPECT_EQ(value(set, "longspan_partition_state", p), 2);
  EXPECT_EQ(value(set, "longspan_flow_lag_unknown_partitions", {"east->west"}), 1);
  EXPECT_EQ(value(set, "longspan_flow_head_age_unknown_partitions", {"east->west"}), 1);
  EXPECT_TRUE(set.ordered("longspan_process_shards").empty());
}

TEST(MetricsPage, ShowsTheFlow) {
  const MetricSet set = collect(rich_snapshot(), {});
  EXPECT_EQ(value(set, "longspan_flow_running", {"east->west"}), 1);
  EXPECT_EQ(value(set, "longspan_flow_running", {"west->east"}), 0);
  EXPECT_EQ(value(set, "longspan_flow_trouble", {"east->west", "source"}), 1);
  EXPECT_EQ(value(set, "longspan_flow_trouble", {"east->west", "target"}), 0);
  EXPECT_EQ(value(set, "longspan_flow_trouble", {"west->east", "target"}), 1);
  EXPECT_EQ(value(set, "longspan_flow_slots", {"east->west"}), 3);
  EXPECT_EQ(value(set, "longspan_flow_owned_slots", {"east->west"}), 1);
  EXPECT_EQ(value(set, "longspan_flow_partitions", {"east->west", "parked"}), 1);
  EXPECT_EQ(value(set, "longspan_flow_not_mirrored_topics", {"east->west"}), 1);
  EXPECT_EQ(value(set, "longspan_events_total", {"east->west", "slot_taken"}), 2);
  EXPECT_EQ(value(set, "longspan_events_total", {"east->west", "written_twice"}), 0);
  EXPECT_EQ(value(set, "longspan_negative_latency_records_total", {"east->west", "orders"}), 2);
  EXPECT_EQ(value(set, "longspan_negative_latency_records_total", {"east->west", "secret"}),
            std::nullopt);
  const std::string hop(kHops.back().name);
  EXPECT_EQ(value(set, "longspan_negative_hop_records_total", {"east->west", "orders", hop}), 2);
  EXPECT_EQ(value(set, "longspan_commit_unknown_records_total",
                  {"east->west", "orders", "incremental_snapshot"}),
            1);
  EXPECT_EQ(value(set, "longspan_sampled_records_total", {"east->west", "users"}), std::nullopt);
}

TEST(MetricsPage, PutsLatenciesIntoTheBucketsTheyBelongTo) {
  const MetricSet set = collect(rich_snapshot(), {});
  const auto* sample = set.ordered("longspan_mirror_latency_seconds").at(0);
  const auto histogram = classic(std::get<Histogram>(sample->value));
  EXPECT_EQ(histogram.count, 6U);
  EXPECT_NEAR(histogram.sum, 44.5105, 1e-6);
  EXPECT_EQ(histogram.at_most[0], 2U);   // 1 ms: the negatives
  EXPECT_EQ(histogram.at_most[2], 5U);   // 5 ms: three of 3.5 ms
  EXPECT_EQ(histogram.at_most[13], 5U);  // 30 s
  EXPECT_EQ(histogram.at_most[14], 6U);  // 60 s: the one of 45 s
}

TEST(MetricsPage, ForgetsAPartitionAndATopicThatAreGone) {
  auto snapshot = rich_snapshot();
  EXPECT_THAT(collect(snapshot, {}).text(), HasSubstr("topic=\"users\""));
  auto& flow = snapshot.flows[0];
  std::erase_if(flow.partitions, [](const auto& p) { return p.source.topic == "users"; });
  std::erase_if(flow.topics, [](const auto& t) { return t.source == "users"; });
  EXPECT_THAT(collect(snapshot, {}).text(), Not(HasSubstr("topic=\"users\"")));
}

ProcessSnapshot many_partitions(int topics, int partitions_each) {
  ProcessSnapshot snapshot;
  auto& flow = snapshot.flows.emplace_back();
  flow.flow = "f";
  for (int t = 0; t < topics; ++t) {
    const std::string topic = "t" + std::to_string(t);
    flow.topics.push_back({topic, topic, "", {}, {}});
    flow.topics.back().residence.record(0.1);
    for (int p = 0; p < partitions_each; ++p) {
      auto& partition = flow.partitions.emplace_back(known_partition());
      partition.source = {topic, p};
    }
  }
  return snapshot;
}

TEST(MetricsPage, SumsUpPartitionsBeyondTheLimit) {
  auto snapshot = many_partitions(2, 5);
  snapshot.flows[0].partitions[9].head_age_ms = 9000;
  snapshot.flows[0].partitions[9].state = PartitionState::parked;
  const MetricSet set = collect(snapshot, {}, {.partitions_max = 6});
  EXPECT_EQ(set.ordered("longspan_mirrored_records_total").size(), 7U);
  EXPECT_EQ(value(set, "longspan_metrics_overflow_partitions", {}), 4);
  const MetricSet::Labels rest{"f", "t1", "(overflow)"};
  EXPECT_EQ(value(set, "longspan_mirrored_records_total", rest), 4 * 777);
  EXPECT_EQ(value(set, "longspan_partition_offset_lag_records", rest), 4 * 500);
  EXPECT_EQ(value(set, "longspan_partition_head_age_seconds", rest), 9);
  EXPECT_EQ(value(set, "longspan_partition_state", rest), 2);
  EXPECT_EQ(value(set, "longspan_partition_mirrored_offset", rest), std::nullopt);
}

TEST(MetricsPage, DoesNotSumUpWhatIsPartlyUnknown) {
  auto snapshot = many_partitions(1, 3);
  snapshot.flows[0].partitions[1].offset_lag.reset();
  const MetricSet set = collect(snapshot, {}, {.partitions_max = 1});
  const MetricSet::Labels rest{"f", "t0", "(overflow)"};
  EXPECT_EQ(value(set, "longspan_partition_offset_lag_records", rest), std::nullopt);
  EXPECT_EQ(value(set, "longspan_mirrored_records_total", rest), 2 * 777);
}

TEST(MetricsPage, SumsUpTopicsBeyondTheLimit) {
  const MetricSet set = collect(many_partitions(5, 2), {}, {.topics_max = 2});
  EXPECT_EQ(value(set, "longspan_metrics_overflow_topics", {}), 3);
  const auto histograms = set.ordered("longspan_residence_seconds");
  ASSERT_EQ(histograms.size(), 3U);
  EXPECT_EQ(histograms[0]->labels[1], "(overflow)");
  EXPECT_EQ(std::get<Histogram>(histograms[0]->value).count(), 3U);
  EXPECT_EQ(value(set, "longspan_mirrored_records_total", {"f", "(overflow)", "(overflow)"}),
            6 * 777);
}

TEST(MetricsPage, ReadsTheProcessItself) {
  const ProcessFigures figures = read_process_figures();
  ASSERT_TRUE(figures.cpu_seconds);
  EXPECT_GT(*figures.cpu_seconds, 0);
  ASSERT_TRUE(figures.resident_bytes);
  EXPECT_GT(*figures.resident_bytes, 1 << 20);
}

TEST(MetricsPage, SatisfiesPromtool) {
  if (std::system("promtool --version >/dev/null 2>&1") != 0) {  // NOLINT: a fixed command
    GTEST_SKIP() << "promtool is not installed (Debian: prometheus); /metrics was NOT linted";
  }
  const std::string path = testing::TempDir() + "longspan_metrics_page_test.prom";
  std::ofstream(path) << collect(rich_snapshot(), figures_with_logs()).text();
  const std::string command = "promtool check metrics <" + path;
  EXPECT_EQ(std::system(command.c_str()), 0);  // NOLINT: a path of our own
  std::remove(path.c_str());
}

}  // namespace
}  // namespace longspan
