// cli/demo/wan_link.h - a long line between two regions, on loopback: TCP with delay, and a switch.
//
// Clients connect to port(); every byte reaches the server, and every answer the client, half a
// round trip later. While the link is cut, open connections are closed and new ones are refused.
//
// Units:   round trip in milliseconds.
// Errors:  start() says why a socket cannot be had. A connection that fails is closed, both sides.
// Threads: one of its own; cut(), restore() and the getters may be called from anywhere.
// Owns:    its sockets and its thread; the destructor closes and joins.
// Limits:  kConnectionsMax connections; kQueuedBytesMax bytes under way per direction, above it the
//          sender is not read.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "lagcalc/result.h"

struct pollfd;

namespace longspan::demo {

// A file descriptor; -1: none.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Socket();
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_ = -1;
};

class WanLink {
 public:
  static constexpr std::size_t kConnectionsMax = 256;
  static constexpr std::size_t kQueuedBytesMax = 16 << 20;

  // Carries to 127.0.0.1:server_port.
  static Result<std::unique_ptr<WanLink>> start(std::uint16_t server_port,
                                                std::chrono::milliseconds round_trip);
  ~WanLink();
  WanLink(const WanLink&) = delete;
  WanLink& operator=(const WanLink&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] bool is_cut() const { return cut_; }
  void cut();
  void restore();

 private:
  using Steady = std::chrono::steady_clock::time_point;
  struct Chunk {
    Steady due;
    std::string bytes;
  };
  struct Direction {
    int from = -1;
    int to = -1;
    std::deque<Chunk> chunks;
    std::size_t queued = 0;  // bytes in chunks
    std::size_t sent = 0;    // of the first chunk
    bool blocked = false;    // `to` took less than was due
    bool ended = false;      // `from` sends no more
  };
  struct Connection {
    Socket client;
    Socket server;
    Direction up;    // client -> server
    Direction down;  // server -> client
    bool broken = false;
  };

  WanLink(std::uint16_t server_port, std::chrono::milliseconds round_trip);
  Result<void> open();
  Result<void> bind_port();
  void run();
  void turn();
  void follow_switch();
  void accept_one();
  [[nodiscard]] std::vector<pollfd> wanted() const;
  [[nodiscard]] int wait_ms() const;
  void read_from(Connection& connection, Direction& direction);
  void write_due(Connection& connection, Direction& direction);
  void wake();

  const std::uint16_t server_port_;
  const std::chrono::milliseconds one_way_;
  std::uint16_t port_ = 0;
  Socket wake_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> cut_ = false;
  // The thread's own.
  bool listening_ = false;
  Socket listener_;
  std::list<Connection> connections_;
  std::thread thread_;
};

}  // namespace longspan::demo
