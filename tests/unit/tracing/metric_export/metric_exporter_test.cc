#include "tracing/metric_export/metric_exporter.h"

#include <gtest/gtest.h>

#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Json = nlohmann::json;

class FakeTransport : public ExportTransport {
 public:
  SendResult send(const ExportRequest& request) override {
    requests.push_back(request);
    if (on_send) on_send();
    if (answers.empty()) return CollectorAnswer{};
    SendResult answer = answers.front();
    answers.pop_front();
    return answer;
  }
  std::deque<SendResult> answers;  // then 200
  std::vector<ExportRequest> requests;
  std::function<void()> on_send;
};

SendResult status(int code, std::optional<std::string> retry_after = {}) {
  return CollectorAnswer{code, {}, std::move(retry_after), {}};
}

class ExportingMetrics : public testing::Test {
 protected:
  ExportingMetrics() {
    settings_.form = ExportForm::otlp_json;
    settings_.url = "http://localhost:4318/v1/metrics";
    settings_.schedule_delay = seconds(10);
    settings_.temporalities.counters = Temporality::delta;
    settings_.resource.put("service.name", "mirror");
  }
  MetricExporter make() {
    const auto collect = [this] {
      MetricSet set;
      set.add("longspan_log_lines_total", {"warn"}, count_);
      return set;
    };
    return {settings_, {}, transport_, collect, {now().steady, {0}}, 1};
  }
  [[nodiscard]] MetricExporter::Now now() const {
    const auto wall = std::chrono::duration_cast<std::chrono::nanoseconds>(at_);
    return {MetricExporter::SteadyTime{} + at_, {static_cast<std::uint64_t>(wall.count())}};
  }
  // How long until there is more to do.
  milliseconds step(MetricExporter& exporter) {
    const auto next = exporter.step([this] { return now(); });
    return std::chrono::ceil<milliseconds>(next - now().steady);
  }
  // The value of the one point of a request.
  [[nodiscard]] double sent(std::size_t request) const {
    return Json::parse(
        transport_.requests.at(request).body)["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]
                                             ["sum"]["dataPoints"][0]["asDouble"];
  }

  ExportSettings settings_;
  FakeTransport transport_;
  milliseconds at_{1'000'000};
  double count_ = 5;
};

TEST_F(ExportingMetrics, SendsEachInterval) {
  MetricExporter exporter = make();
  EXPECT_EQ(step(exporter), seconds(10));
  at_ += milliseconds(10'300);  // late
  EXPECT_EQ(step(exporter), milliseconds(9'700));
  count_ = 7;
  at_ += milliseconds(9'700);
  EXPECT_EQ(step(exporter), seconds(10));
  ASSERT_EQ(transport_.requests.size(), 2U);
  EXPECT_EQ(transport_.requests[0].url, settings_.url);
  EXPECT_EQ(transport_.requests[0].headers.back(),
            (std::pair<std::string, std::string>("Content-Type", "application/json")));
  EXPECT_EQ(sent(0), 5);
  EXPECT_EQ(sent(1), 2);
  EXPECT_EQ(exporter.figures(), (MetricExportFigures{2, 0, 2, 0}));
}

TEST_F(ExportingMetrics, SendsTheSameAgainWhileTheIntervalLasts) {
  MetricExporter exporter = make();
  at_ += seconds(10);
  transport_.answers = {status(503, "4"), status(503, "4"), status(503, "4")};
  EXPECT_EQ(step(exporter), seconds(4));
  EXPECT_EQ(step(exporter), seconds(4));  // nothing before
  at_ += seconds(4);
  count_ = 100;
  EXPECT_EQ(step(exporter), seconds(4));
  EXPECT_EQ(transport_.requests[1].body, transport_.requests[0].body);
  at_ += seconds(4);
  // Four more seconds lie behind the next look, which is left out, and the one after it is not.
  EXPECT_EQ(step(exporter), seconds(12));
  at_ += seconds(12);
  EXPECT_EQ(step(exporter), seconds(10));
  ASSERT_EQ(transport_.requests.size(), 4U);
  EXPECT_EQ(sent(3), 100);  // nothing is lost
  EXPECT_EQ(exporter.figures(), (MetricExportFigures{1, 0, 4, 3}));
  EXPECT_EQ(exporter.last_problem(), "HTTP 503");
}

TEST_F(ExportingMetrics, LeavesOutLooksThatFallIntoARequest) {
  MetricExporter exporter = make();
  at_ += seconds(10);
  transport_.on_send = [this] { at_ += seconds(25); };
  EXPECT_EQ(step(exporter), seconds(5));
  EXPECT_EQ(transport_.requests.size(), 1U);
}

TEST_F(ExportingMetrics, DoesNotRepeatWhatWasRefusedButSendsItsContentLater) {
  MetricExporter exporter = make();
  at_ += seconds(10);
  transport_.answers = {
      CollectorAnswer{400, "application/json", {}, R"({"message":"bad"})"},
      CollectorAnswer{200,
                      "application/json",
                      {},
                      R"({"partialSuccess":{"rejectedDataPoints":"1","errorMessage":"late"}})"}};
  EXPECT_EQ(step(exporter), seconds(10));
  EXPECT_EQ(exporter.last_problem(), "HTTP 400: bad");
  at_ += seconds(10);
  EXPECT_EQ(step(exporter), seconds(10));
  EXPECT_EQ(sent(1), 5);
  EXPECT_EQ(exporter.figures(), (MetricExportFigures{0, 1, 2, 1}));
  EXPECT_EQ(exporter.last_problem(), "rejected 1 points: late");
}

TEST_F(ExportingMetrics, TellsALastTimeAtTheEnd) {
  MetricExporter exporter = make();
  exporter.finish(now().steady + seconds(1), [this] { return now(); });
  ASSERT_EQ(transport_.requests.size(), 1U);
  EXPECT_EQ(sent(0), 5);
  exporter.finish(now().steady, [this] { return now(); });  // no time
  EXPECT_EQ(transport_.requests.size(), 1U);
}

}  // namespace
}  // namespace longspan
