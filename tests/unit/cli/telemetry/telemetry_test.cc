#include "cli/telemetry/telemetry.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/mirror/schemas/loopback_server.h"
#include "tracing/log_capture.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Span some_span(std::uint64_t number) {
  Span span;
  span.ids = {{1, number}, {number}};
  span.name = "send orders";
  return span;
}

const TelemetryOrigin kOrigin{"1.0", "host:1", {1'000}};

TelemetrySettings settings_to(const std::string& url, Environment more = {}) {
  more["OTEL_BSP_SCHEDULE_DELAY"] = "10";
  more["OTEL_METRIC_EXPORT_INTERVAL"] = "10";
  return read_telemetry({"otlp", url, "otlp", url}, std::move(more));
}

// Counts what has come, and lets a test wait for it.
class Collector {
 public:
  Collector()
      : server_([this](const httplib::Request& request, httplib::Response& response) {
          const std::lock_guard lock(mutex_);
          paths_.push_back(request.path);
          response.status = status_;
          came_.notify_all();
        }) {}
  [[nodiscard]] std::string url() const { return server_.url(); }
  void answer(int status) {
    const std::lock_guard lock(mutex_);
    status_ = status;
  }
  bool wait_for(const std::string& path, int count = 1) {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, seconds(30),
                          [&] { return std::count(paths_.begin(), paths_.end(), path) >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::string> paths_;
  int status_ = 200;
  WebServer server_;  // ends first
};

std::uint64_t dropped(const ExportCounts& counts) {
  return counts.dropped_full + counts.dropped_refused + counts.dropped_tried +
         counts.dropped_large + counts.rejected;
}

TEST(Telemetry, SendsNothingUnlessAsked) {
  Telemetry telemetry(read_telemetry({}, {}), {}, kOrigin);
  EXPECT_EQ(telemetry.spans(), nullptr);
  telemetry.send_metrics([]() -> MetricSet {
    ADD_FAILURE() << "nobody asked";
    return {};
  });
  telemetry.stop(seconds(1));
  EXPECT_FALSE(telemetry.span_figures());
  EXPECT_FALSE(telemetry.metric_figures());
}

TEST(Telemetry, SendsSpansAndMetrics) {
  Collector collector;
  Telemetry telemetry(settings_to(collector.url()), {}, kOrigin);
  telemetry.send_metrics([] {
    MetricSet set;
    set.add("longspan_ready", {}, 1);
    return set;
  });
  telemetry.spans()->push(some_span(1));
  EXPECT_TRUE(collector.wait_for("/v1/traces"));
  EXPECT_TRUE(collector.wait_for("/v1/metrics", 2));
  telemetry.stop(seconds(10));
  EXPECT_EQ(telemetry.span_figures()->counts.sent, 1U);
  EXPECT_GE(telemetry.metric_figures()->sent, 2U);
  EXPECT_EQ(telemetry.metric_figures()->failures, 0U);
}

TEST(Telemetry, SendsWhatWaitsAtTheEnd) {
  Collector collector;
  TelemetrySettings settings = settings_to(collector.url());
  settings.traces.schedule_delay = std::chrono::hours(1);
  settings.metrics.schedule_delay = std::chrono::hours(1);
  Telemetry telemetry(settings, {}, kOrigin);
  telemetry.send_metrics([] {
    MetricSet set;
    set.add("longspan_ready", {}, 1);
    return set;
  });
  for (std::uint64_t i = 0; i < 100; ++i) telemetry.spans()->push(some_span(i));
  telemetry.stop(seconds(30));
  EXPECT_EQ(telemetry.span_figures()->counts.sent, 100U);
  EXPECT_EQ(telemetry.metric_figures()->sent, 1U);
}

TEST(Telemetry, TellsByWhatSpansAreNotSentAndWhatIsLostInTheEnd) {
  const LogCapture log;
  Collector collector;
  collector.answer(400);
  {
    Telemetry telemetry(settings_to(collector.url()), {}, kOrigin);
    int sent = 0;
    for (const int status : {400, 400, 403, 200, 503}) {
      collector.answer(status);
      telemetry.spans()->push(some_span(1));
      ASSERT_TRUE(collector.wait_for("/v1/traces", ++sent));
      while (telemetry.span_figures()->counts.attempts < static_cast<std::uint64_t>(sent)) {
        std::this_thread::yield();
      }
    }
    telemetry.stop(seconds(10));
  }
  EXPECT_EQ(log.lines_with("event=spans_not_sent").size(), 3U) << "400, 403 and 503";
  EXPECT_EQ(log.lines_with("event=spans_sent_again").size(), 1U);
  ASSERT_EQ(log.lines_with("event=spans_dropped").size(), 1U);
  EXPECT_NE(log.lines_with("event=spans_dropped")[0].find("spans=1"), std::string::npos);
  EXPECT_NE(log.lines_with("event=spans_dropped")[0].find("503"), std::string::npos);
}

PathwaySettings pathways_to(const std::string& url) {
  return read_pathway_settings(url, {{"DD_SERVICE", "hop"}});
}

PathwayBucket some_bucket() {
  PathwayStats stats;
  stats.add(std::make_shared<const std::vector<std::string>>(1, "direction:in"), {1, 0}, {1, 1, 1},
            {1'700'000'000'000});
  return *stats.take();
}

TEST(Telemetry, SendsPathways) {
  Collector collector;
  Telemetry telemetry(read_telemetry({}, {}), pathways_to(collector.url()), kOrigin);
  ASSERT_NE(telemetry.pathways(), nullptr);
  EXPECT_EQ(telemetry.pathways()->service().service, "hop");
  telemetry.pathways()->push(some_bucket());
  EXPECT_TRUE(collector.wait_for("/v0.1/pipeline_stats"));
  collector.answer(404);  // an agent that is too old
  telemetry.pathways()->push(some_bucket());
  EXPECT_TRUE(collector.wait_for("/v0.1/pipeline_stats", 2));
  telemetry.stop(seconds(10));
  const PathwayExportFigures figures = *telemetry.pathway_figures();
  EXPECT_EQ(figures.sent, 1U);
  EXPECT_EQ(figures.dropped_refused, 1U);
  EXPECT_EQ(figures.attempts, 2U);
  EXPECT_EQ(figures.failures, 1U);
}

TEST(Telemetry, PathwaysWaitForNobody) {
  RawServer silent([](int fd) { hear(fd); });
  Telemetry telemetry(read_telemetry({}, {}), pathways_to(silent.url()), kOrigin);
  constexpr std::uint64_t kBuckets = PathwayThread::kBucketsMax + 30;
  for (std::uint64_t i = 0; i < kBuckets; ++i) telemetry.pathways()->push(some_bucket());
  telemetry.stop(milliseconds(200));
  const PathwayExportFigures figures = *telemetry.pathway_figures();
  EXPECT_EQ(figures.sent, 0U);
  EXPECT_EQ(figures.dropped_full + figures.dropped_tried, kBuckets) << "each in one count";
  EXPECT_GE(figures.dropped_full, 29U);
}

// Whoever pushes into a collector that never answers is never kept, and the end is bounded.
TEST(Telemetry, NobodyWaitsForACollectorThatNeverAnswers) {
  RawServer silent([](int fd) { hear(fd); });
  Telemetry telemetry(settings_to(silent.url(), {{"OTEL_BSP_MAX_QUEUE_SIZE", "1000"}}), {},
                      kOrigin);
  constexpr std::uint64_t kEach = 20'000;
  const auto begin = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> pushing;
    for (int thread = 0; thread < 3; ++thread) {
      pushing.emplace_back([&] {
        for (std::uint64_t i = 0; i < kEach; ++i) telemetry.spans()->push(some_span(i));
      });
    }
  }
  telemetry.stop(milliseconds(200));
  // Far below the 10 s that each request may take.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(8));
  const SpanExportFigures figures = *telemetry.span_figures();
  EXPECT_EQ(figures.counts.pushed, 3 * kEach);
  EXPECT_EQ(figures.waiting, 0U);
  EXPECT_EQ(figures.counts.sent, 0U);
  EXPECT_EQ(dropped(figures.counts), 3 * kEach);
  EXPECT_GE(figures.counts.dropped_full, 3 * kEach - 2'000);
}

TEST(Telemetry, AccountsForEverySpanWhileACollectorComesAndGoes) {
  Collector collector;
  Telemetry telemetry(settings_to(collector.url(), {{"OTEL_BSP_MAX_QUEUE_SIZE", "512"}}), {},
                      kOrigin);
  std::uint64_t pushed = 0;
  for (const int status : {200, 400, 200, 500, 200}) {
    collector.answer(status);
    const auto before = telemetry.span_figures()->counts.attempts;
    while (telemetry.span_figures()->counts.attempts < before + 3) {
      telemetry.spans()->push(some_span(++pushed));
    }
  }
  telemetry.stop(seconds(30));
  const ExportCounts counts = telemetry.span_figures()->counts;
  EXPECT_EQ(counts.pushed, pushed);
  EXPECT_EQ(counts.sent + dropped(counts), pushed);
  EXPECT_GT(counts.dropped_refused, 0U);
  EXPECT_GT(counts.sent, 0U);
}

}  // namespace
}  // namespace longspan
