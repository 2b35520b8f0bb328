#include "tracing/metric_export/otlp_metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace longspan {
namespace {

using Json = nlohmann::json;

MetricSet some_set() {
  MetricSet set;
  set.add("longspan_ready", {}, 1);
  set.add("longspan_log_lines_total", {"warn"}, 3);
  set.add("longspan_log_lines_total", {"error"}, 0);
  Histogram latency;
  for (const double value : {0.25, 0.5, 0.0}) latency.record(value);
  set.add("longspan_residence_seconds", {"a->b", "orders"}, latency);
  latency.record(-0.5);
  set.add("longspan_hop_latency_seconds", {"a->b", "orders", "fetch"}, latency);
  set.add("longspan_slo_records_total", {"a->b", "p99", "", "good"}, 7);
  return set;
}

std::vector<MetricPoint> some_points() {
  return MetricSeries({}, {1'000}).look(some_set(), {2'000});
}

Json metrics_of(const std::string& request) {
  return Json::parse(request)["resourceMetrics"][0]["scopeMetrics"][0]["metrics"];
}

TEST(OtlpMetrics, AreWrittenAsOtlpsJson) {
  SpanOrigin origin;
  origin.resource.put("service.name", "mirror");
  const std::string text = otlp_metrics_json(origin, some_points(), {});
  const Json request = Json::parse(text);
  EXPECT_EQ(request["resourceMetrics"][0]["resource"]["attributes"][0]["value"]["stringValue"],
            "mirror");
  const Json metrics = metrics_of(text);
  ASSERT_EQ(metrics.size(), 5U);
  EXPECT_EQ(metrics[0], Json::parse(R"({"name":"longspan_ready","description":
      "1 when every flow holds its slots or knows that others do, else 0",
      "gauge":{"dataPoints":[{"timeUnixNano":"2000","asDouble":1.0}]}})"));
  EXPECT_EQ(metrics[1]["sum"], Json::parse(R"({"dataPoints":[
      {"attributes":[{"key":"level","value":{"stringValue":"error"}}],
       "startTimeUnixNano":"1000","timeUnixNano":"2000","asDouble":0.0},
      {"attributes":[{"key":"level","value":{"stringValue":"warn"}}],
       "startTimeUnixNano":"1000","timeUnixNano":"2000","asDouble":3.0}],
      "aggregationTemporality":2,"isMonotonic":true})"));
  // 0.5 is the upper end of the bucket (0.5 / base, 0.5]: OTLP's bucket -33 of scale 5.
  const Json residence = metrics[2]["exponentialHistogram"]["dataPoints"][0];
  EXPECT_EQ(metrics[2]["unit"], "s");
  EXPECT_EQ(residence["count"], "3");
  EXPECT_EQ(residence["scale"], 5);
  EXPECT_EQ(residence["zeroCount"], "1");
  EXPECT_EQ(residence["sum"], 0.75);
  EXPECT_EQ(residence["positive"]["offset"], -65);
  EXPECT_EQ(residence["positive"]["bucketCounts"].size(), 33U);
  EXPECT_EQ(residence["positive"]["bucketCounts"][0], "1");
  EXPECT_EQ(residence["positive"]["bucketCounts"][1], "0");
  EXPECT_EQ(residence["positive"]["bucketCounts"][32], "1");
  EXPECT_FALSE(residence.contains("negative"));
  // Negative values: no sum, but their buckets.
  const Json hop = metrics[3]["exponentialHistogram"]["dataPoints"][0];
  EXPECT_FALSE(hop.contains("sum"));
  EXPECT_EQ(hop["negative"], Json::parse(R"({"offset":-33,"bucketCounts":["1"]})"));
  // No label without a value.
  EXPECT_EQ(metrics[4]["unit"], "{records}");
  EXPECT_EQ(metrics[4]["sum"]["dataPoints"][0]["attributes"].size(), 3U);
}

TEST(OtlpMetrics, PointAtTraces) {
  std::vector<MetricPoint> points = some_points();
  points[3].exemplars = {{0.5, {{0xabc, 0xdef}, {0x123}}, {1'700'000'000'250}}};
  const Json found = metrics_of(
      otlp_metrics_json({}, points, {}))[2]["exponentialHistogram"]["dataPoints"][0]["exemplars"];
  EXPECT_EQ(found, Json::parse(R"([{"timeUnixNano":"1700000000250000000","asDouble":0.5,
      "spanId":"0000000000000123","traceId":"0000000000000abc0000000000000def"}])"));
}

TEST(OtlpMetrics, SayTheirTemporality) {
  const Json metrics = metrics_of(
      otlp_metrics_json({}, some_points(), {Temporality::cumulative, Temporality::delta}));
  EXPECT_EQ(metrics[1]["sum"]["aggregationTemporality"], 2);
  EXPECT_EQ(metrics[2]["exponentialHistogram"]["aggregationTemporality"], 1);
}

// A bucket of OTLP is (base^(offset+i), base^(offset+i+1)], base = 2^(1/32).
TEST(OtlpBuckets, HoldTheValuesThatWereRecorded) {
  for (const double value : {1e-6, 0.001, 0.5, 1.0, 1.0001, 3.14, 86'400.0}) {
    Histogram histogram;
    histogram.record(value);
    const OtlpBuckets found = otlp_buckets(histogram.positive());
    ASSERT_EQ(found.counts, std::vector<std::uint64_t>{1});
    EXPECT_LT(std::exp2(found.offset / 32.0), value * (1 + 1e-9)) << value;
    EXPECT_GE(std::exp2((found.offset + 1) / 32.0), value * (1 - 1e-9)) << value;
  }
  EXPECT_TRUE(otlp_buckets({}).counts.empty());
}

TEST(MetricBatches, AreBelowTheirLimitAndLoseNothing) {
  const auto points = some_points();
  for (const ExportForm form : {ExportForm::otlp_protobuf, ExportForm::otlp_json}) {
    ExportSettings settings;
    settings.form = form;
    const Batches one = make_metric_batches({}, points, settings);
    ASSERT_EQ(one.all.size(), 1U);
    EXPECT_EQ(one.all[0].count, points.size());
    const std::size_t limit = one.all[0].body.size() - 1;
    const Batches two = make_metric_batches({}, points, settings, limit);
    ASSERT_EQ(two.all.size(), 2U);
    EXPECT_EQ(two.all[1].first, two.all[0].count);
    EXPECT_EQ(two.all[0].count + two.all[1].count, points.size());
    EXPECT_EQ(make_metric_batches({}, points, settings, 10).too_large, points.size());
  }
}

TEST(Ucum, NamesUnits) {
  EXPECT_EQ(ucum("seconds"), "s");
  EXPECT_EQ(ucum("bytes"), "By");
  EXPECT_EQ(ucum("partitions"), "{partitions}");
  EXPECT_EQ(ucum(""), "");
}

}  // namespace
}  // namespace longspan
