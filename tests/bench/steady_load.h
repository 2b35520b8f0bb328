// tests/bench/steady_load.h - records at a steady rate, one partition after the other, each with
// its number and the time of its produce call; and what their consumers need.
//
// Errors:  HarnessError.
// Threads: one per object.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include "tests/bench/arguments.h"
#include "tests/broker/harness/kafka_handle.h"

namespace longspan::bench {

// What a value begins with.
struct Stamp {
  int64_t sequence;  // negative: before the measurement
  int64_t produced_ns;
};

[[nodiscard]] int64_t now_ns();  // of the steady clock

// Of --source, --source-topic, --partitions, --rate (records/s) and --bytes.
class SteadyLoad {
 public:
  explicit SteadyLoad(const Arguments& arguments);
  ~SteadyLoad() { rd_kafka_topic_destroy(topic_); }
  SteadyLoad(const SteadyLoad&) = delete;
  SteadyLoad& operator=(const SteadyLoad&) = delete;

  // One record every 1/rate s from now on, on a fixed schedule: a late one does not delay the rest.
  template <class Going>
  void run(int64_t first_sequence, Going&& going) {
    const auto begin = std::chrono::steady_clock::now();
    for (int64_t i = 0; going(i); ++i) {
      std::this_thread::sleep_until(begin + std::chrono::nanoseconds(i * 1'000'000'000 / rate_));
      send(first_sequence < 0 ? first_sequence : first_sequence + i);
      rd_kafka_poll(client_.get(), 0);
    }
    harness::require_ok(rd_kafka_flush(client_.get(), 30'000), "flush");
  }

 private:
  void send(int64_t sequence);

  int64_t rate_;
  int32_t partitions_;
  int64_t sent_ = 0;
  std::string value_;
  harness::Client client_;
  rd_kafka_topic_t* topic_;
};

// All partitions of `topic`, from their beginning.
void assign_all(rd_kafka_t* consumer, const std::string& topic, int partitions);

}  // namespace longspan::bench
