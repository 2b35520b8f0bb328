// mirror/kafka/client_meter.h - how busy the library's threads of one client are, and how long its
// brokers throttle it.
//
// Each client has a thread per broker, which reads, checks and inflates (or compresses and writes);
// the busiest one is what a client is bound by. Throttle times are what the brokers' answers say
// (KIP-219).
//
// Errors:  none. Absent until kLoadWindow is over.
// Threads: watch_client() before the client is made. The library's threads tell when they begin and
//          end; what they tell is under a mutex that nobody waits in. ClientMeter: of one thread.
// Source:  rdkafka.h: on_thread_start, throttle_cb; pthread_getcpuclockid(3).
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

#include "mirror/why/load.h"

namespace longspan::kafka {

void watch_client(rd_kafka_conf_t* conf);

class ClientMeter {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  explicit ClientMeter(const rd_kafka_t* client) : client_(client) {}
  // Of the last window that is over.
  [[nodiscard]] ClientLoad load(Steady now);

  // By thread and by broker, since the client began.
  struct Totals {
    std::map<std::uint64_t, std::chrono::nanoseconds> cpu;
    std::map<std::int32_t, std::chrono::nanoseconds> throttled;
  };

 private:
  const rd_kafka_t* client_;
  std::optional<Steady> begun_at_;
  Totals begun_;
  ClientLoad load_;
};

}  // namespace longspan::kafka
