// Steady load through a mirror, timed from the produce call to the consumer at the target:
// latency --source B --target B --source-topic T --target-topic T --partitions P --rate R --bytes S
//         --seconds N --warmup N
//
// Both ends live in this process, so one steady clock rules. Records carry their sequence number
// and the time of their produce call. The measurement begins when the first record has come through
// and the warm-up is over. Prints one JSON object, milliseconds; exit code 1 when records are
// missing.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/arguments.h"
#include "tests/bench/steady_load.h"
#include "tests/broker/harness/kafka_handle.h"

namespace longspan::bench {
namespace {

using Clock = std::chrono::steady_clock;
using harness::require;
using harness::require_ok;

constexpr auto kFirstRecordMax = std::chrono::seconds(90);
constexpr auto kLastRecordMax = std::chrono::seconds(20);

// The consumer at the target. Threads: run() in its own; the atomics are read by the producer's.
class Arrivals {
 public:
  explicit Arrivals(size_t expected) : ms_(expected, -1) {}

  void run(const Arguments& arguments) {
    const harness::Client client =
        harness::open_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", arguments.text("target")},
                                                 {"group.id", "bench-latency"},
                                                 {"enable.auto.commit", "false"},
                                                 {"auto.offset.reset", "error"},
                                                 {"topic.metadata.refresh.interval.ms", "500"},
                                                 {"fetch.wait.max.ms", "100"}});
    require_ok(rd_kafka_poll_set_consumer(client.get()), "consumer");
    assign_all(client.get(), arguments.text("target-topic"),
               static_cast<int>(arguments.number("partitions")));
    while (!stop) {
      const harness::Message message(rd_kafka_consumer_poll(client.get(), 100));
      if (message != nullptr && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) take(*message);
    }
    rd_kafka_consumer_close(client.get());
  }

  std::vector<double> sorted() const {
    std::vector<double> result;
    std::ranges::copy_if(ms_, std::back_inserter(result), [](double ms) { return ms >= 0; });
    std::ranges::sort(result);
    return result;
  }

  std::atomic<bool> stop{false};
  std::atomic<int64_t> warm{0};      // records of before the measurement
  std::atomic<int64_t> measured{0};  // distinct records of the measurement
  std::atomic<int64_t> repeated{0};

 private:
  void take(const rd_kafka_message_t& message) {
    Stamp stamp{};
    require(message.len >= sizeof stamp, "a foreign record in the target topic");
    std::memcpy(&stamp, message.payload, sizeof stamp);
    if (stamp.sequence < 0) {
      ++warm;
      return;
    }
    double& ms = ms_.at(static_cast<size_t>(stamp.sequence));
    if (ms >= 0) {
      ++repeated;
      return;
    }
    ms = static_cast<double>(now_ns() - stamp.produced_ns) / 1e6;
    ++measured;
  }

  std::vector<double> ms_;  // by sequence; -1 until it arrives
};

double quantile(const std::vector<double>& sorted, double q) {
  return sorted.at(static_cast<size_t>(q * static_cast<double>(sorted.size() - 1)));
}

void print(const Arrivals& arrivals, int64_t expected) {
  const auto sorted = arrivals.sorted();
  std::cout << "{\"count\": " << sorted.size() << ", \"missing\": " << expected - arrivals.measured
            << ", \"repeated\": " << arrivals.repeated;
  if (!sorted.empty()) {
    std::cout << ", \"p50\": " << quantile(sorted, 0.5) << ", \"p90\": " << quantile(sorted, 0.9)
              << ", \"p99\": " << quantile(sorted, 0.99) << ", \"max\": " << sorted.back();
  }
  std::cout << "}\n";
}

int run(const Arguments& arguments) {
  const int64_t rate = arguments.number("rate");
  const int64_t expected = rate * arguments.number("seconds");
  const int64_t warmup = rate * arguments.number("warmup");
  Arrivals arrivals(static_cast<size_t>(expected));
  std::jthread consumer([&] { arrivals.run(arguments); });
  SteadyLoad load(arguments);
  const auto begin = Clock::now();
  load.run(-1,
           [&](int64_t) { return arrivals.warm == 0 && Clock::now() - begin < kFirstRecordMax; });
  const bool came_through = arrivals.warm > 0;
  if (came_through) {
    load.run(-1, [&](int64_t i) { return i < warmup; });
    load.run(0, [&](int64_t i) { return i < expected; });
  }
  const auto end = Clock::now();
  while (came_through && arrivals.measured < expected && Clock::now() - end < kLastRecordMax) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  arrivals.stop = true;
  consumer.join();
  print(arrivals, expected);
  return arrivals.measured == expected ? 0 : 1;
}

}  // namespace
}  // namespace longspan::bench

int main(int argc, char** argv) {
  return longspan::bench::bench_main(argc, argv, "latency", longspan::bench::run);
}
