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
#include <vector>

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
  return 0;
}

}  // namespace
}  // namespace longspan::bench

int main(int argc, char** argv) {
  return longspan::bench::bench_main(argc, argv, "trace_cost", longspan::bench::run);
}
