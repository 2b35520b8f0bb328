// cli/registry/kept_stream.h - an accepted connection that serves one request after the other.
//
// httplib's own keep-alive would wait for idle clients when the server stops, and has no way to
// close a connection without an answer.
//
// Limits:  KeptLimits; a client that is slower than read_time is given up.
// Errors:  read and write answer -1: too late, cut, stopped, or the connection broke.
// Threads: one; whoever writes to the stop descriptor wakes it.
// Owns:    the connection, which the destructor closes.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstddef>

namespace longspan {

struct KeptLimits {
  std::chrono::milliseconds idle_time{60'000};   // between two requests
  std::chrono::milliseconds read_time{10'000};   // for each part of a request
  std::chrono::milliseconds write_time{10'000};  // without any progress
};

class KeptStream {
 public:
  // `stop_fd` becomes readable when the server stops, and stays so.
  KeptStream(int fd, int stop_fd, const KeptLimits& limits);
  ~KeptStream();
  KeptStream(const KeptStream&) = delete;
  KeptStream& operator=(const KeptStream&) = delete;

  // The first byte of another request is there; false: the connection is over.
  [[nodiscard]] bool wait_for_request();
  [[nodiscard]] bool wait_readable();
  [[nodiscard]] bool wait_writable();
  ssize_t read(char* into, std::size_t size);         // 0 at the end of the client's data
  ssize_t write(const char* from, std::size_t size);  // all of it
  // Nothing is written any more: the client sees the connection closed.
  void cut() { is_cut_ = true; }
  // False: the server stopped meanwhile.
  [[nodiscard]] bool pause(std::chrono::milliseconds time) const;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  bool wait(short events, std::chrono::milliseconds at_most) const;

  int fd_;
  int stop_fd_;
  KeptLimits limits_;
  bool is_cut_ = false;
  std::array<char, 8192> buffer_{};
  std::size_t begin_ = 0;  // [begin_, end_) of the buffer was received and not read
  std::size_t end_ = 0;
};

}  // namespace longspan
