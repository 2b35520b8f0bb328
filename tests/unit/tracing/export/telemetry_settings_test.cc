#include "tracing/export/telemetry_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(TelemetrySettings, SendNothingUnlessAsked) {
  for (const Environment& environment :
       {Environment{}, Environment{{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel:4318"}},
        Environment{{"OTEL_TRACES_EXPORTER", ""}, {"OTEL_METRICS_EXPORTER", "prometheus"}}}) {
    const TelemetrySettings found = read_telemetry({}, environment);
    EXPECT_FALSE(found.traces.is_enabled);
    EXPECT_FALSE(found.metrics.is_enabled);
  }
}

struct Row {
  TelemetryOptions options;
  Environment environment;
  std::string traces;   // empty: not sent
  std::string metrics;  // the same
};

TEST(TelemetrySettings, PutTheFileBeforeTheEnvironment) {
  const Row rows[] = {
      {{"otlp"}, {}, "http://localhost:4318/v1/traces", ""},
      {{"zipkin"}, {}, "http://localhost:9411/api/v2/spans", ""},
      {{"", "", "otlp"}, {}, "", "http://localhost:4318/v1/metrics"},
      {{"otlp", "http://a:1"}, {}, "http://a:1/v1/traces", ""},
      {{"otlp", "http://a:1/"}, {}, "http://a:1/v1/traces", ""},
      {{"otlp", "http://a:1/x"}, {}, "http://a:1/x", ""},
      {{"otlp", "http://a:1?k=v"}, {}, "http://a:1?k=v", ""},
      {{"zipkin", "http://a:1"}, {}, "http://a:1/api/v2/spans", ""},
      {{"", "", "otlp", "https://a"}, {}, "", "https://a/v1/metrics"},
      {{"none"}, {{"OTEL_TRACES_EXPORTER", "otlp"}}, "", ""},
      {{"", "http://a:1"}, {{"OTEL_TRACES_EXPORTER", "zipkin"}}, "http://a:1/api/v2/spans", ""},
      {{},
       {{"OTEL_TRACES_EXPORTER", "otlp"}, {"OTEL_METRICS_EXPORTER", "prometheus,otlp"}},
       "http://localhost:4318/v1/traces",
       "http://localhost:4318/v1/metrics"},
      {{"otlp", "", "otlp"},
       {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://all:1/base"},
        {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://m:2/in"}},
       "http://all:1/base/v1/traces",
       "http://m:2/in"},
      {{"otlp", "http://file:1"},
       {{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://variable:1/"}},
       "http://file:1/v1/traces",
       ""},
      {{"otlp", "", "otlp"}, {{"OTEL_SDK_DISABLED", "true"}}, "", ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.traces + " " + row.metrics);
    const TelemetrySettings found = read_telemetry(row.options, row.environment);
    EXPECT_EQ(found.traces.is_enabled ? found.traces.url : "", row.traces);
    EXPECT_EQ(found.metrics.is_enabled ? found.metrics.url : "", row.metrics);
    EXPECT_THAT(found.problems, IsEmpty());
  }
}

TEST(TelemetrySettings, TellEachProblemOnceAndOnlyOfWhatIsSent) {
  const Environment bad{{"OTEL_EXPORTER_OTLP_TIMEOUT", "soon"},
                        {"OTEL_METRIC_EXPORT_INTERVAL", "0"}};
  EXPECT_THAT(read_telemetry({}, bad).problems, IsEmpty());
  EXPECT_THAT(read_telemetry({"otlp"}, bad).problems,
              ElementsAre("OTEL_EXPORTER_OTLP_TIMEOUT is not in 1..1000000000"));
  EXPECT_THAT(read_telemetry({"otlp", "", "otlp"}, bad).problems,
              ElementsAre("OTEL_EXPORTER_OTLP_TIMEOUT is not in 1..1000000000",
                          "OTEL_METRIC_EXPORT_INTERVAL is not in 1..1000000000"));
}

TEST(TelemetrySettings, TakeAnExporterThatDoesNotExistForNone) {
  const TelemetrySettings found = read_telemetry(
      {}, {{"OTEL_TRACES_EXPORTER", "console"}, {"OTEL_METRICS_EXPORTER", "otlp,console"}});
  EXPECT_FALSE(found.traces.is_enabled);
  EXPECT_FALSE(found.metrics.is_enabled);
  EXPECT_THAT(found.problems,
              ElementsAre("OTEL_TRACES_EXPORTER is none of otlp, zipkin, none",
                          "OTEL_METRICS_EXPORTER is none of otlp, prometheus, none"));
}

TEST(TelemetrySettings, HaveAnIntervalAndTemporalitiesForMetrics) {
  const auto metrics = [](Environment environment) {
    environment["OTEL_METRICS_EXPORTER"] = "otlp";
    return read_telemetry({}, std::move(environment)).metrics;
  };
  EXPECT_EQ(metrics({}).schedule_delay, std::chrono::seconds(60));
  EXPECT_EQ(metrics({{"OTEL_BSP_SCHEDULE_DELAY", "1"}}).schedule_delay, std::chrono::seconds(60));
  EXPECT_EQ(metrics({{"OTEL_METRIC_EXPORT_INTERVAL", "250"}}).schedule_delay,
            std::chrono::milliseconds(250));
  constexpr auto kCumulative = Temporality::cumulative;
  constexpr auto kDelta = Temporality::delta;
  const std::pair<std::string, Temporalities> rows[] = {{"", {kCumulative, kCumulative}},
                                                        {"cumulative", {kCumulative, kCumulative}},
                                                        {"Delta", {kDelta, kDelta}},
                                                        {"lowmemory", {kCumulative, kDelta}},
                                                        {"other", {kCumulative, kCumulative}}};
  for (const auto& [word, wanted] : rows) {
    const auto found = metrics({{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", word}});
    EXPECT_EQ(found.temporalities, wanted) << word;
    EXPECT_EQ(found.problems.size(), word == "other" ? 1U : 0U);
  }
}

TEST(TelemetrySettings, AskForEveryVariableThatIsRead) {
  const std::vector<std::string> names = export_variables();
  for (const char* const name :
       {"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
        "OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_METRIC_EXPORT_INTERVAL"}) {
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
  }
}

TEST(Endpoints, HaveNoUserAndPassword) {
  EXPECT_TRUE(is_endpoint("http://otel:4318"));
  EXPECT_TRUE(is_endpoint("https://otel/in@x"));
  EXPECT_TRUE(is_endpoint("http://[::1]"));
  EXPECT_TRUE(is_endpoint("http://[::1]:65535/"));
  for (const char* const bad :
       {"", "otel:4318", "http://", "http://u:p@otel:4318", "ftp://x", "http://otel:65536",
        "http://otel:0", "http://otel:", "http://o:4a"}) {
    EXPECT_FALSE(is_endpoint(bad)) << bad;
  }
}

}  // namespace
}  // namespace longspan
