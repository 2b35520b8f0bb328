// What a running process sends of itself, by commands: telemetry_sender, with OpenTelemetry's
// variables. Its metrics are those of the snapshot in which every member has a value.
//   page        the text of /metrics, then "."
//   spans N     N spans are pushed: trace id 1 and a running number, from 1 on
//   load N      the same, each millisecond one hundred, and the longest push in microseconds
//   figures     what became of them, as JSON
//   stop        ends what is sent; then figures as above
// It ends with its input.

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

#include "cli/http/metrics_page.h"
#include "cli/telemetry/telemetry.h"
#include "tests/unit/cli/views/rich_figures.h"
#include "tests/unit/cli/views/rich_snapshot.h"
#include "tracing/spans/messaging_names.h"

namespace longspan {
namespace {

using Steady = std::chrono::steady_clock;

Environment environment() {
  Environment out;
  for (const std::string& name : export_variables()) {
    if (const char* const value = std::getenv(name.c_str())) out[name] = value;
  }
  return out;
}

MetricSet fixed_set() {
  ProcessFigures figures = rich_figures();
  figures.at = TimestampMs{1'700'000'000'000};
  return collect(rich_snapshot(), figures);
}

Span span_of(std::uint64_t number) {
  constexpr std::uint64_t kBegin = 1'700'000'000'000'000'000;
  Span span;
  span.ids = {{1, number}, {number}};
  span.parent = SpanId{number + 1};
  span.name = "send orders";
  span.kind = SpanKind::producer;
  span.start = {kBegin + number * 1'000'000};
  span.end = {kBegin + number * 1'000'000 + 2'000'000};
  put_messaging(span.attributes, MessagingName::destination, std::string("orders"),
                NamesWanted::current);
  put_messaging(span.attributes, MessagingName::offset, static_cast<std::int64_t>(number),
                NamesWanted::current);
  return span;
}

class Sender {
 public:
  Sender() : telemetry_(read_telemetry({}, environment()), {}, {"1.0", "host:1", {1'000}}) {
    telemetry_.send_metrics(fixed_set);
  }

  void obey(const std::string& command, std::uint64_t count) {
    if (command == "page") std::cout << fixed_set().text() << "." << std::endl;
    if (command == "spans") {
      for (; count > 0; --count) push();
    }
    if (command == "load") load(count);
    if (command == "stop") telemetry_.stop(std::chrono::seconds(10));
    if (command == "figures" || command == "stop") tell();
  }

 private:
  void push() {
    if (telemetry_.spans() != nullptr) telemetry_.spans()->push(span_of(++pushed_));
  }
  void load(std::uint64_t count) {
    Steady::duration longest{};
    auto next = Steady::now();
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto begin = Steady::now();
      push();
      longest = std::max(longest, Steady::now() - begin);
      if (i % 100 != 99) continue;
      next += std::chrono::milliseconds(1);
      while (Steady::now() < next) continue;
    }
    std::cout << std::chrono::duration_cast<std::chrono::microseconds>(longest).count()
              << std::endl;
  }
  void tell() const {
    const auto figures = telemetry_.span_figures().value_or(SpanExportFigures{});
    const auto points = telemetry_.metric_figures().value_or(MetricExportFigures{});
    const ExportCounts& c = figures.counts;
    std::cout << "{\"pushed\":" << c.pushed << ",\"sent\":" << c.sent
              << ",\"rejected\":" << c.rejected << ",\"full\":" << c.dropped_full
              << ",\"refused\":" << c.dropped_refused << ",\"tried\":" << c.dropped_tried
              << ",\"large\":" << c.dropped_large << ",\"attempts\":" << c.attempts
              << ",\"failures\":" << c.failures << ",\"waiting\":" << figures.waiting
              << ",\"points\":" << points.sent << ",\"points_rejected\":" << points.rejected
              << ",\"points_failures\":" << points.failures << "}" << std::endl;
  }

  Telemetry telemetry_;
  std::uint64_t pushed_ = 0;
};

int run() {
  Sender sender;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command;
    std::uint64_t count = 0;
    words >> command >> count;
    sender.obey(command, count);
  }
  return 0;
}

}  // namespace
}  // namespace longspan

int main() { return longspan::run(); }
