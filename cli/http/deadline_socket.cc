#include "cli/http/deadline_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace longspan {
namespace {

constexpr std::chrono::milliseconds kHangUpTime{200};
constexpr int kHangUpReads = 16;

}  // namespace

DeadlineSocket::DeadlineSocket(int fd, int stop_fd, const SocketLimits& limits)
    : fd_(fd), stop_fd_(stop_fd), limits_(limits), read_until_(Clock::now() + limits.read_time) {}

DeadlineSocket::~DeadlineSocket() {
  if (fd_ >= 0) ::close(fd_);
}

bool DeadlineSocket::wait(short events, Clock::time_point until) const {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    std::array<pollfd, 2> both{{{fd_, events, 0}, {stop_fd_, POLLIN, 0}}};
    const int ready = ::poll(both.data(), both.size(), static_cast<int>(std::max<long>(left, 0)));
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0 && both[1].revents == 0;
  }
}

bool DeadlineSocket::wait_readable() { return begin_ < end_ || wait(POLLIN, read_until_); }

bool DeadlineSocket::wait_writable() {
  if (write_until_ == Clock::time_point{}) write_until_ = Clock::now() + limits_.write_time;
  return wait(POLLOUT, write_until_);
}

ssize_t DeadlineSocket::read(char* into, std::size_t size) {
  if (begin_ == end_) {
    if (received_ >= limits_.request_bytes_max || !wait_readable()) return -1;
    const ssize_t got = ::recv(fd_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got <= 0) return got;
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
    received_ += end_;
  }
  const std::size_t taken = std::min(size, end_ - begin_);
  std::memcpy(into, buffer_.data() + begin_, taken);
  begin_ += taken;
  return static_cast<ssize_t>(taken);
}

ssize_t DeadlineSocket::write(const char* from, std::size_t size) {
  while (wait_writable()) {
    const ssize_t sent = ::send(fd_, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    if (errno != EAGAIN && errno != EINTR) return -1;
  }
  return -1;
}

void DeadlineSocket::close() {
  ::shutdown(fd_, SHUT_WR);
  const auto until = Clock::now() + kHangUpTime;
  for (int i = 0; i < kHangUpReads && wait(POLLIN, until); ++i) {
    if (::recv(fd_, buffer_.data(), buffer_.size(), MSG_DONTWAIT) <= 0) break;
  }
  ::close(fd_);
  fd_ = -1;
}

}  // namespace longspan
