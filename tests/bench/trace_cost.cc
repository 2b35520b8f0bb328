// What it costs to read the trace context of a record's headers, and to rewrite them.
// trace_cost [--turns 2000]
//
// A turn is 200 calls: short, so that most of them are not interrupted where the machine has other
// work.

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "mirror/kafka/clients.h"
#include "mirror/traces/trace_watch.h"
#include "tests/bench/arguments.h"
#include "tracing/context/reparent.h"

namespace longspan::bench {
namespace {

using std::chrono::steady_clock;

struct Case {
  std::string name;
  std::vector<HeaderView> headers;
};

std::vector<Case> cases() {
  const HeaderView w3c{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"};
  const HeaderView state{"tracestate", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"};
  const HeaderView dd_state{"tracestate", "dd=s:2;p:00f067aa0ba902b7;t.dm:-4,rojo=00f067aa0ba902"};
  const HeaderView b3{"b3", "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1"};
  const HeaderView jaeger{"uber-trace-id", "0af7651916cd43dd8448eb211c80319c:b7ad6b7169203331:0:1"};
  const std::vector<HeaderView> multi{{"x-b3-traceid", "0af7651916cd43dd8448eb211c80319c"},
                                      {"x-b3-spanid", "b7ad6b7169203331"},
                                      {"x-b3-sampled", "1"}};
  const std::vector<HeaderView> datadog{{"x-datadog-trace-id", "9532127138774266268"},
                                        {"x-datadog-parent-id", "13235353014750950193"},
                                        {"x-datadog-sampling-priority", "1"},
                                        {"x-datadog-tags", "_dd.p.tid=0af7651916cd43dd"}};
  std::vector<HeaderView> both = datadog;
  both.insert(both.end(), {w3c, dd_state});
  std::vector<HeaderView> among{{"__op", "c"}, {"__source_ts_us", "1700000000000000"}};
  among.resize(8, {"__debezium.context.taskId", "0"});
  among.push_back(w3c);
  return {{"traceparent", {w3c}},
          {"traceparent, tracestate", {w3c, state}},
          {"b3", {b3}},
          {"b3, several headers", multi},
          {"uber-trace-id", {jaeger}},
          {"datadog", datadog},
          {"datadog, traceparent", both},
          {"traceparent among 8", among}};
}

// Nanoseconds a call, of the turns' median.
template <class Call>
double time_calls(std::int64_t turns, const Call& call) {
  constexpr std::int64_t kRounds = 200;
  std::vector<double> each;
  std::int64_t done = 0;
  for (std::int64_t turn = 0; turn < turns; ++turn) {
    const auto begun = steady_clock::now();
    for (std::int64_t i = 0; i < kRounds; ++i) done += call() ? 1 : 0;
    const std::chrono::duration<double, std::nano> took = steady_clock::now() - begun;
    each.push_back(took.count() / kRounds);
  }
  if (done != turns * kRounds) throw std::runtime_error("a context is missing");
  std::sort(each.begin(), each.end());
  return each[each.size() / 2];
}

// A shard's part of it: a record with these headers is looked at, and its copy's are edited. Beside
// that what making the record and looking at it costs anyhow.
class NoSpans : public SpanSink {
 public:
  void push(Span) override {}
};

class NoPathways : public PathwaySink {
 public:
  [[nodiscard]] const PathwayService& service() const override { return of_; }
  void push(PathwayBucket) override {}

 private:
  PathwayService of_;
};

double time_hops(std::int64_t turns, const Headers& headers, TraceMode mode,
                 PathwaySink* pathways = nullptr) {
  const auto clock = make_clock();
  HopWatch hops(*clock, StampReader(nullptr, {}), {});
  NoSpans spans;
  TraceConfig config{"east->west", {}, 0};
  const auto orders = *NamePatterns::make({"orders"}, "topics");
  if (mode == TraceMode::reparent) config.settings.reparent = orders;
  if (mode == TraceMode::link) config.settings.link = orders;
  TraceWatch traces(*clock, hops, &spans, config, pathways);
  TraceWatch::Passage passage;
  traces.open(passage, {"orders", 0}, {"east.orders", 0});
  // Of one record each call: it is copied beforehand, as a client library would have made it.
  constexpr std::size_t kRecords = 200;
  std::vector<double> each;
  for (std::int64_t turn = 0; turn < turns; ++turn) {
    std::vector<Record> records;
    for (std::size_t i = 0; i < kRecords; ++i) {
      records.push_back(make_record({"k", "v", {1}, headers}));
      records.back().offset = {static_cast<std::int64_t>(i)};
    }
    const auto begun = steady_clock::now();
    for (Record& record : records) {
      if (TraceWatch::is_on(passage)) std::ignore = traces.fetched(passage, record, begun);
      record.make_edits();
    }
    const std::chrono::duration<double, std::nano> took = steady_clock::now() - begun;
    each.push_back(took.count() / kRecords);
  }
  std::sort(each.begin(), each.end());
  return each[each.size() / 2];
}

Headers with_pathway(Headers headers) {
  headers.push_back({"dd-pathway-ctx-base64", "10nVzXmeKoDApcX0zV/ApcX0zV8="});
  return headers;
}

void tell_hops(std::int64_t turns) {
  const std::string id = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
  const Headers one{{"traceparent", id}};
  NoPathways pathways;
  Headers among(8, {"__debezium.context.taskId", "0"});
  among.push_back(one.front());
  for (const auto& [name, headers] :
       {std::pair<const char*, const Headers&>{"traceparent", one}, {"among 8", among}}) {
    std::cout << std::setw(26) << std::left << std::string("of a record, ") + name << std::right
              << "preserve" << std::setw(4) << time_hops(turns, headers, TraceMode::preserve)
              << " ns, link" << std::setw(5) << time_hops(turns, headers, TraceMode::link)
              << " ns, reparent" << std::setw(5) << time_hops(turns, headers, TraceMode::reparent)
              << " ns, with pathways" << std::setw(5)
              << time_hops(turns, with_pathway(headers), TraceMode::reparent, &pathways) << " ns\n";
  }
}

int run(const Arguments& arguments) {
  const auto turns = arguments.number("turns", 2'000);
  std::cout << std::fixed << std::setprecision(0);
  for (const auto& [name, headers] : cases()) {
    const double read = time_calls(
        turns, [&headers = headers] { return read_trace_context(headers).ids.has_value(); });
    const double rewrite = time_calls(turns, [&headers = headers] {
      const TraceContext found = read_trace_context(headers);
      return reparent(found, child_of(found, {7}), {}).has_value();
    });
    std::cout << std::setw(26) << std::left << name << std::right << "read" << std::setw(6) << read
              << " ns, read and rewritten" << std::setw(6) << rewrite << " ns\n";
  }
  tell_hops(turns);
  return 0;
}

}  // namespace
}  // namespace longspan::bench

int main(int argc, char** argv) {
  return longspan::bench::bench_main(argc, argv, "trace_cost", longspan::bench::run);
}
