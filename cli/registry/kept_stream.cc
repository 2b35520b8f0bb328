#include "cli/registry/kept_stream.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace longspan {

KeptStream::KeptStream(int fd, int stop_fd, const KeptLimits& limits)
    : fd_(fd), stop_fd_(stop_fd), limits_(limits) {}

KeptStream::~KeptStream() {
  ::shutdown(fd_, SHUT_RDWR);
  ::close(fd_);
}

bool KeptStream::wait(short events, std::chrono::milliseconds at_most) const {
  std::array<pollfd, 2> fds{{{fd_, events, 0}, {stop_fd_, POLLIN, 0}}};
  int ready = 0;
  do {
    ready = ::poll(fds.data(), fds.size(), static_cast<int>(at_most.count()));
  } while (ready < 0 && errno == EINTR);
  return ready > 0 && fds[1].revents == 0;
}

bool KeptStream::wait_for_request() {
  if (is_cut_) return false;
  if (begin_ != end_) return true;
  if (!wait(POLLIN, limits_.idle_time)) return false;
  char first = 0;
  return ::recv(fd_, &first, 1, MSG_PEEK) == 1;
}

bool KeptStream::wait_readable() { return begin_ != end_ || wait(POLLIN, limits_.read_time); }

bool KeptStream::wait_writable() { return !is_cut_ && wait(POLLOUT, limits_.write_time); }

ssize_t KeptStream::read(char* into, std::size_t size) {
  if (begin_ == end_) {
    if (!wait(POLLIN, limits_.read_time)) return -1;
    const ssize_t received = ::recv(fd_, buffer_.data(), buffer_.size(), 0);
    if (received <= 0) return received;
    begin_ = 0;
    end_ = static_cast<std::size_t>(received);
  }
  const std::size_t taken = std::min(size, end_ - begin_);
  std::memcpy(into, buffer_.data() + begin_, taken);
  begin_ += taken;
  return static_cast<ssize_t>(taken);
}

ssize_t KeptStream::write(const char* from, std::size_t size) {
  std::size_t written = 0;
  while (written < size) {
    if (!wait_writable()) return -1;
    const ssize_t sent = ::send(fd_, from + written, size - written, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      written += static_cast<std::size_t>(sent);
    } else if (errno != EAGAIN && errno != EINTR) {
      return -1;
    }
  }
  return static_cast<ssize_t>(size);
}

bool KeptStream::pause(std::chrono::milliseconds time) const {
  pollfd stop{stop_fd_, POLLIN, 0};
  return ::poll(&stop, 1, static_cast<int>(time.count())) == 0;
}

}  // namespace longspan
