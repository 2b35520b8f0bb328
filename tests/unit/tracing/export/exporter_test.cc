#include "tracing/export/exporter.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>
#include <vector>

#include "tests/fakes/seed.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class FakeTransport : public ExportTransport {
 public:
  SendResult send(const ExportRequest& request) override {
    requests.push_back(request);
    if (answers.empty()) return CollectorAnswer{};
    SendResult answer = answers.front();
    answers.pop_front();
    return answer;
  }
  std::deque<SendResult> answers;  // then 200
  std::vector<ExportRequest> requests;
};

SendResult status(int code, std::optional<std::string> retry_after = {}) {
  return CollectorAnswer{code, {}, std::move(retry_after), {}};
}
SendResult unreachable() { return Error{Next::retry, 0, "connection refused", "url=http://x"}; }

Span some_span(std::uint64_t number = 1) {
  Span span;
  span.ids = {{1, number}, {1}};
  span.name = "x";
  return span;
}

class Exporting : public testing::Test {
 protected:
  Exporting() {
    settings_.queue_max = 8;
    settings_.batch_max = 4;
    settings_.schedule_delay = seconds(5);
    settings_.headers = {{"api-key", "k"}};
    settings_.resource.put("service.name", "mirror");
  }
  SpanExporter make() { return {settings_, {}, transport_, 1}; }
  [[nodiscard]] SpanExporter::Now now() const {
    return {SpanExporter::SteadyTime{} + at_, std::chrono::sys_seconds(seconds(784'111'777))};
  }
  void push(SpanExporter& exporter, int count) {
    for (int i = 0; i < count; ++i) exporter.push(some_span(), now().steady);
  }
  // Steps at once as long as something is due; how long until the next, if there is one.
  std::optional<milliseconds> run(SpanExporter& exporter) {
    for (int i = 0; i < 1'000; ++i) {
      const auto next = exporter.step([this] { return now(); });
      if (!next) return std::nullopt;
      if (*next > now().steady) return std::chrono::ceil<milliseconds>(*next - now().steady);
    }
    ADD_FAILURE() << "never done";
    return std::nullopt;
  }

  ExportSettings settings_;
  FakeTransport transport_;
  milliseconds at_{1'000'000};
};

TEST_F(Exporting, SendsAFullBatchAtOnceAndALonelySpanAfterTheDelay) {
  SpanExporter exporter = make();
  EXPECT_EQ(run(exporter), std::nullopt);
  push(exporter, 1);
  EXPECT_EQ(run(exporter), seconds(5));
  EXPECT_TRUE(transport_.requests.empty());
  push(exporter, 3);
  EXPECT_EQ(run(exporter), std::nullopt);
  EXPECT_EQ(transport_.requests.size(), 1U);
  push(exporter, 1);
  at_ += seconds(5);
  EXPECT_EQ(run(exporter), std::nullopt);
  EXPECT_EQ(transport_.requests.size(), 2U);
  EXPECT_EQ(exporter.counts().sent, 5U);
}

TEST_F(Exporting, MakesTheRequest) {
  settings_.is_gzip = true;
  SpanExporter exporter = make();
  push(exporter, 4);
  EXPECT_EQ(run(exporter), std::nullopt);
  ASSERT_EQ(transport_.requests.size(), 1U);
  const ExportRequest& request = transport_.requests[0];
  EXPECT_EQ(request.url, "http://localhost:4318/v1/traces");
  EXPECT_TRUE(request.is_gzip);
  EXPECT_EQ(request.headers, (std::vector<std::pair<std::string, std::string>>{
                                 {"api-key", "k"}, {"Content-Type", "application/x-protobuf"}}));
  SpanOrigin origin;
  origin.resource.put("service.name", "mirror");
  const std::vector<Span> spans(4, some_span());
  EXPECT_EQ(request.body, make_batches(origin, spans, settings_.form).all[0].body);
}

TEST_F(Exporting, SendsTheSameBytesAgainWhenTheTimeHasCome) {
  SpanExporter exporter = make();
  transport_.answers = {unreachable(), status(503, "7")};
  push(exporter, 4);
  const auto wait = run(exporter);
  ASSERT_TRUE(wait);
  EXPECT_GE(*wait, milliseconds(500));
  EXPECT_LE(*wait, milliseconds(1'000));
  EXPECT_EQ(exporter.last_problem(), "connection refused (url=http://x)");
  EXPECT_EQ(exporter.waiting(), 4U);
  at_ += *wait;
  EXPECT_EQ(run(exporter), seconds(7));
  at_ += milliseconds(6'999);
  EXPECT_EQ(run(exporter), milliseconds(1));
  EXPECT_EQ(transport_.requests.size(), 2U);
  at_ += milliseconds(1);
  EXPECT_EQ(run(exporter), std::nullopt);
  ASSERT_EQ(transport_.requests.size(), 3U);
  EXPECT_EQ(transport_.requests[2].body, transport_.requests[0].body);
  EXPECT_EQ(exporter.counts(), (ExportCounts{4, 4, 0, 0, 0, 0, 0, 3, 2}));
}

TEST_F(Exporting, DropsTheOldestSpansDuringAnOutage) {
  SpanExporter exporter = make();
  for (int i = 0; i < 100; ++i) transport_.answers.push_back(unreachable());
  push(exporter, 4);
  EXPECT_TRUE(run(exporter));
  push(exporter, 20);
  EXPECT_EQ(exporter.waiting(), 12U);  // a batch of 4, a queue of 8
  EXPECT_EQ(exporter.counts().dropped_full, 12U);
  EXPECT_EQ(transport_.requests.size(), 1U);  // pushing sends nothing
}

TEST_F(Exporting, GivesABatchUpAfterItsAttempts) {
  SpanExporter exporter = make();
  for (int i = 0; i < 5; ++i) transport_.answers.push_back(status(503));
  push(exporter, 8);
  while (const auto wait = run(exporter)) at_ += *wait;
  EXPECT_EQ(exporter.counts(), (ExportCounts{8, 4, 0, 0, 0, 4, 0, 6, 5}));
}

TEST_F(Exporting, NeverSendsAgainWhatWasRefused) {
  SpanExporter exporter = make();
  transport_.answers = {CollectorAnswer{400, "application/json", {}, R"({"message":"bad"})"}};
  push(exporter, 8);
  EXPECT_EQ(run(exporter), std::nullopt);
  EXPECT_EQ(exporter.counts(), (ExportCounts{8, 4, 0, 0, 4, 0, 0, 2, 1}));
  EXPECT_EQ(exporter.last_problem(), "HTTP 400: bad");
}

TEST_F(Exporting, CountsWhatIsRejectedOfAnAcceptedBatch) {
  SpanExporter exporter = make();
  const auto partial = [](const std::string& body) {
    return CollectorAnswer{200, "application/json", {}, body};
  };
  transport_.answers = {
      partial(R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"late"}})")};
  push(exporter, 4);
  EXPECT_EQ(run(exporter), std::nullopt);
  EXPECT_EQ(exporter.counts(), (ExportCounts{4, 1, 3, 0, 0, 0, 0, 1, 0}));
  EXPECT_EQ(exporter.last_problem(), "rejected 3 spans: late");
  // More than were sent, fewer than none, a body that is none.
  transport_.answers = {partial(R"({"partialSuccess":{"rejectedSpans":"99"}})"),
                        partial(R"({"partialSuccess":{"rejectedSpans":"-9"}})"), partial("?")};
  push(exporter, 8);
  EXPECT_EQ(run(exporter), std::nullopt);
  push(exporter, 4);
  EXPECT_EQ(run(exporter), std::nullopt);
  EXPECT_EQ(exporter.counts().rejected, 7U);
  EXPECT_EQ(exporter.counts().sent, 9U);
}

TEST_F(Exporting, TriesEverythingOnceMoreAtTheEnd) {
  SpanExporter exporter = make();
  transport_.answers = {unreachable(), status(200), status(503)};
  push(exporter, 4);
  EXPECT_TRUE(run(exporter));
  push(exporter, 6);
  exporter.finish(now().steady + seconds(10), [&] { return now(); });
  EXPECT_EQ(exporter.waiting(), 0U);
  EXPECT_EQ(exporter.counts(), (ExportCounts{10, 6, 0, 0, 0, 4, 0, 4, 2}));
}

TEST_F(Exporting, EndsWhenTheTimeForItIsOver) {
  SpanExporter exporter = make();
  push(exporter, 8);
  const auto until = now().steady + seconds(1);
  exporter.finish(until, [&] {
    at_ += milliseconds(600);
    return now();
  });
  EXPECT_EQ(exporter.waiting(), 0U);
  EXPECT_EQ(exporter.counts(), (ExportCounts{8, 4, 0, 0, 0, 4, 0, 1, 0}));
}

// Whatever the collector does, every span is in exactly one count.
TEST(ExporterUnderFaults, AccountsForEverySpan) {
  for (const std::uint64_t seed : test_seeds(200)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    ExportSettings settings;
    settings.queue_max = 1 + random() % 50;
    settings.batch_max = 1 + random() % settings.queue_max;
    FakeTransport transport;
    SpanExporter exporter(settings, {}, transport, seed);
    SpanExporter::Now now{SpanExporter::SteadyTime{} + seconds(100), {}};
    std::uint64_t pushed = 0;
    for (int i = 0; i < 300; ++i) {
      constexpr int kStatus[] = {200, 200, 200, 400, 429, 503, 500};
      transport.answers = {random() % 4 == 0 ? unreachable()
                                             : status(kStatus[random() % std::size(kStatus)])};
      for (auto count = random() % 5; count > 0; --count, ++pushed) {
        exporter.push(some_span(pushed), now.steady);
      }
      const auto requests = transport.requests.size();
      const auto next = exporter.step([&] { return now; });
      EXPECT_LE(transport.requests.size(), requests + 1);
      EXPECT_EQ(next.has_value(), exporter.waiting() > 0);
      now.steady += milliseconds(random() % 3'000);
      const ExportCounts found = exporter.counts();
      EXPECT_EQ(found.pushed, pushed);
      EXPECT_EQ(found.sent + found.rejected + found.dropped_full + found.dropped_refused +
                    found.dropped_tried + found.dropped_large + exporter.waiting(),
                pushed);
      EXPECT_LE(exporter.waiting(), settings.queue_max + settings.batch_max);
    }
  }
}

}  // namespace
}  // namespace longspan
