#include "mirror/kafka/wakeup.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "lagcalc/assert.h"

namespace longspan {
namespace kafka {
namespace {
constexpr std::uint64_t kOne = 1;
}

EventFdWakeup::EventFdWakeup() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  LONGSPAN_ASSERT(fd_ >= 0);
}

EventFdWakeup::~EventFdWakeup() { close(fd_); }

void EventFdWakeup::wait(std::chrono::milliseconds at_most) {
  pollfd poll_fd{fd_, POLLIN, 0};
  if (::poll(&poll_fd, 1, static_cast<int>(at_most.count())) <= 0) return;
  std::uint64_t count = 0;
  // A failed read only means that somebody else's notification was already taken.
  [[maybe_unused]] const auto taken = read(fd_, &count, sizeof(count));
}

void EventFdWakeup::notify() {
  // A full counter (EAGAIN) still wakes the reader.
  [[maybe_unused]] const auto written = write(fd_, &kOne, sizeof(kOne));
}

void EventFdWakeup::watch(rd_kafka_queue_t* queue) const {
  rd_kafka_queue_io_event_enable(queue, fd_, &kOne, sizeof(kOne));
}

}  // namespace kafka

std::unique_ptr<Wakeup> make_wakeup() { return std::make_unique<kafka::EventFdWakeup>(); }

}  // namespace longspan
