// mirror/kafka/wakeup.h - Wakeup on one eventfd that librdkafka's queues write to.
//
// Threads: notify() anywhere; wait() on the owner's thread.
// Owns:    the eventfd.
// Source:  eventfd(2); rd_kafka_queue_io_event_enable in rdkafka.h: the library writes only when a
//          queue turns from empty to non-empty, so drain before waiting.
#pragma once

#include "mirror/kafka/handles.h"
#include "mirror/ports.h"

namespace longspan::kafka {

class EventFdWakeup : public Wakeup {
 public:
  EventFdWakeup();
  ~EventFdWakeup() override;
  EventFdWakeup(const EventFdWakeup&) = delete;
  EventFdWakeup& operator=(const EventFdWakeup&) = delete;

  void wait(std::chrono::milliseconds at_most) override;
  void notify() override;
  // From now on events arriving in `queue` end a wait().
  void watch(rd_kafka_queue_t* queue) const;

 private:
  int fd_;
};

}  // namespace longspan::kafka
