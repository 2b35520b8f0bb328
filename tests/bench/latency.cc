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
#include "tests/broker/harness/kafka_handle.h"

namespace longspan::bench {
namespace {

using Clock = std::chrono::steady_clock;
using harness::require;
using harness::require_ok;

constexpr auto kFirstRecordMax = std::chrono::seconds(90);
constexpr auto kLastRecordMax = std::chrono::seconds(20);

struct Stamp {
  int64_t sequence;  // negative: before the measurement
  int64_t produced_ns;
};

int64_t now_ns() { return Clock::now().time_since_epoch() / std::chrono::nanoseconds(1); }

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
    assign_all(client.get(), arguments);
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
  static void assign_all(rd_kafka_t* client, const Arguments& arguments) {
    const auto count = static_cast<int>(arguments.number("partitions"));
    const harness::Partitions list(rd_kafka_topic_partition_list_new(count));
    for (int p = 0; p < count; ++p) {
      const std::string topic = arguments.text("target-topic");
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p)->offset = 0;
    }
    require_ok(rd_kafka_assign(client, list.get()), "assign");
  }

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

class Load {
 public:
  explicit Load(const Arguments& arguments)
      : rate_(arguments.number("rate")),
        partitions_(static_cast<int32_t>(arguments.number("partitions"))),
        value_(static_cast<size_t>(arguments.number("bytes")), 'x'),
        client_(harness::open_client(RD_KAFKA_PRODUCER,
                                     {{"bootstrap.servers", arguments.text("source")},
                                      {"enable.idempotence", "true"},
                                      {"linger.ms", "0"}})),
        topic_(rd_kafka_topic_new(client_.get(), arguments.text("source-topic").c_str(), nullptr)) {
    // Incompressible enough for what it is; latency runs do not compress.
    for (size_t i = 0; i < value_.size(); ++i) value_[i] = static_cast<char>('a' + i * 7 % 26);
  }
  ~Load() { rd_kafka_topic_destroy(topic_); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // One record every 1/rate s from now on, on a fixed schedule: a late one does not delay the rest.
  template <class Going>
  void run(int64_t first_sequence, Going&& going) {
    const auto begin = Clock::now();
    for (int64_t i = 0; going(i); ++i) {
      std::this_thread::sleep_until(begin + std::chrono::nanoseconds(i * 1'000'000'000 / rate_));
      send(first_sequence < 0 ? first_sequence : first_sequence + i);
      rd_kafka_poll(client_.get(), 0);
    }
    require_ok(rd_kafka_flush(client_.get(), 30'000), "flush");
  }

 private:
  void send(int64_t sequence) {
    const Stamp stamp{sequence, now_ns()};
    std::memcpy(value_.data(), &stamp, sizeof stamp);
    const auto partition = static_cast<int32_t>(sent_++ % partitions_);
    require(rd_kafka_produce(topic_, partition, RD_KAFKA_MSG_F_COPY, value_.data(), value_.size(),
                             nullptr, 0, nullptr) == 0,
            "produce");
  }

  int64_t rate_;
  int32_t partitions_;
  int64_t sent_ = 0;
  std::string value_;
  harness::Client client_;
  rd_kafka_topic_t* topic_;
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
  Load load(arguments);
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
