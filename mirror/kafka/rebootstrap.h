// mirror/kafka/rebootstrap.h - gives a client that lost its brokers the bootstrap servers again.
//
// A cluster whose only broker in reach was fenced for a moment may name no broker at all; the
// library then forgets all that it knew and connects to nobody any more, although the cluster is
// back (its issue 5301). What it is given again it tries, and forgets when it knows better.
//
// Units:   seconds: 2 after the trouble, then twice as long each time, seven times in all.
// Errors:  none; a line in the log says what was done.
// Threads: one owner, who also owns the client.
// Source:  rdkafka.h, rd_kafka_brokers_add(); KIP-899.
#pragma once

#include <chrono>
#include <optional>

#include "mirror/kafka/handles.h"

namespace longspan::kafka {

class Rebootstrap {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  explicit Rebootstrap(rd_kafka_t* client) : client_(client) {}

  // What the client said, or what a call came to: where no broker was found, it begins.
  void note(rd_kafka_resp_err_t code, Steady now = std::chrono::steady_clock::now());
  // Cheap when nothing is due.
  void turn(Steady now = std::chrono::steady_clock::now()) {
    if (due_ && now >= *due_) remind(now);
  }
  // How often since it began; for tests.
  [[nodiscard]] int reminders() const { return reminders_; }

 private:
  void remind(Steady now);

  rd_kafka_t* client_;
  std::optional<Steady> due_;  // absent: all is well, as far as is known
  int reminders_ = 0;
};

}  // namespace longspan::kafka
