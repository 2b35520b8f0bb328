// For how long each partition's copies stood still, while something is done to the mirrors:
// pauses --source B --target B --source-topic T --target-topic T --partitions P --rate R --bytes S
//
// Writes at a steady rate and reads at the target until standard input ends. Each line there is
// answered by one of JSON: of each partition the longest time without a record since the line
// before, milliseconds. A partition's own records come P/R s apart: that is the least.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/bench/arguments.h"
#include "tests/bench/steady_load.h"
#include "tests/broker/harness/kafka_handle.h"

namespace longspan::bench {
namespace {

class Pauses {
 public:
  explicit Pauses(size_t partitions) : last_ns_(partitions, now_ns()), longest_ns_(partitions) {}

  void arrived(size_t partition) {
    const std::lock_guard lock(mutex_);
    note(partition, now_ns());
  }
  // Those that stand still are counted until now, and from now on next time.
  std::vector<int64_t> take() {
    const std::lock_guard lock(mutex_);
    const auto now = now_ns();
    for (size_t p = 0; p < last_ns_.size(); ++p) {
      longest_ns_[p] = std::max(longest_ns_[p], now - last_ns_[p]);
      last_ns_[p] = now;
    }
    return std::exchange(longest_ns_, std::vector<int64_t>(last_ns_.size()));
  }

 private:
  void note(size_t partition, int64_t now) {
    auto& last = last_ns_.at(partition);
    longest_ns_[partition] = std::max(longest_ns_[partition], now - last);
    last = now;
  }

  std::mutex mutex_;
  std::vector<int64_t> last_ns_;
  std::vector<int64_t> longest_ns_;
};

void read_target(const Arguments& arguments, Pauses& pauses, const std::atomic<bool>& stop) {
  const harness::Client client =
      harness::open_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", arguments.text("target")},
                                               {"group.id", "bench-pauses"},
                                               {"enable.auto.commit", "false"},
                                               {"auto.offset.reset", "error"},
                                               {"topic.metadata.refresh.interval.ms", "500"},
                                               {"fetch.wait.max.ms", "20"}});
  harness::require_ok(rd_kafka_poll_set_consumer(client.get()), "consumer");
  assign_all(client.get(), arguments.text("target-topic"),
             static_cast<int>(arguments.number("partitions")));
  while (!stop) {
    const harness::Message message(rd_kafka_consumer_poll(client.get(), 100));
    if (message == nullptr || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    pauses.arrived(static_cast<size_t>(message->partition));
  }
  rd_kafka_consumer_close(client.get());
}

void print(const std::vector<int64_t>& pauses_ns) {
  std::cout << "[";
  for (size_t p = 0; p < pauses_ns.size(); ++p) {
    std::cout << (p == 0 ? "" : ", ") << pauses_ns[p] / 1'000'000;
  }
  std::cout << "]" << std::endl;
}

int run(const Arguments& arguments) {
  Pauses pauses(static_cast<size_t>(arguments.number("partitions")));
  std::atomic<bool> stop{false};
  std::jthread consumer([&] { read_target(arguments, pauses, stop); });
  std::jthread producer([&] {
    SteadyLoad load(arguments);
    load.run(0, [&](int64_t) { return !stop; });
  });
  for (std::string line; std::getline(std::cin, line);) print(pauses.take());
  stop = true;
  return 0;
}

}  // namespace
}  // namespace longspan::bench

int main(int argc, char** argv) {
  return longspan::bench::bench_main(argc, argv, "pauses", longspan::bench::run);
}
