// cli/http/deadline_socket.h - one accepted connection that cannot keep its thread for long.
//
// Limits:  SocketLimits. Beyond, calls fail.
// Errors:  read and write answer -1: too late, too much, stopped, or the connection broke.
// Threads: one; whoever writes to the stop descriptor wakes it.
// Owns:    the connection; close() ends it, and the destructor if nobody did.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstddef>

namespace longspan {

struct SocketLimits {
  std::chrono::milliseconds read_time{2000};     // for the whole request
  std::chrono::milliseconds write_time{10'000};  // for the whole answer, from its first byte
  std::size_t request_bytes_max = 32 * 1024;
};

class DeadlineSocket {
 public:
  // `stop_fd` becomes readable when the server stops, and stays so.
  DeadlineSocket(int fd, int stop_fd, const SocketLimits& limits);
  ~DeadlineSocket();
  DeadlineSocket(const DeadlineSocket&) = delete;
  DeadlineSocket& operator=(const DeadlineSocket&) = delete;

  // At least one byte; 0 at the end of the client's data.
  ssize_t read(char* into, std::size_t size);
  ssize_t write(const char* from, std::size_t size);
  [[nodiscard]] bool wait_readable();
  [[nodiscard]] bool wait_writable();
  // Tells the client that the answer is complete, waits a moment for it to hang up, and closes:
  // closing over bytes that were not read would destroy an answer still under way.
  void close();
  [[nodiscard]] int fd() const { return fd_; }

 private:
  using Clock = std::chrono::steady_clock;

  bool wait(short events, Clock::time_point until) const;

  int fd_;
  int stop_fd_;
  SocketLimits limits_;
  Clock::time_point read_until_;
  Clock::time_point write_until_{};  // set by the first write
  std::size_t received_ = 0;
  std::array<char, 4096> buffer_{};
  std::size_t begin_ = 0;  // [begin_, end_) of the buffer was received and not read
  std::size_t end_ = 0;
};

}  // namespace longspan
