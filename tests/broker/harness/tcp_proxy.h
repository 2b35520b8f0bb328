// tests/broker/harness/tcp_proxy.h - a link to a broker that can be slow, cut or torn.
//
// Units:   delay is one way: a round trip costs twice of it.
// Errors:  HarnessError when the port cannot be listened on. A backend that refuses closes the
//          client's connection.
// Threads: every call from any thread. A direction is two threads and a bounded queue, so a full
//          pipe pushes back on the sender as a long link with a large window does.
// Owns:    its sockets and threads; the destructor tears every connection and waits for them.
// Limits:  queue_bytes_max a direction. Loopback only.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

namespace longspan::harness {

struct ProxyRoute {
  uint16_t listen_port = 0;
  uint16_t backend_port = 0;
  size_t queue_bytes_max = 8 << 20;
};

class TcpProxy {
 public:
  // Which connections: by the client's own port.
  using Chosen = std::function<bool(uint16_t client_port)>;

  explicit TcpProxy(const ProxyRoute& route);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  void set_delay(std::chrono::milliseconds delay);  // of what is read from now on
  // Nothing is forwarded and nothing is closed; what is sent meanwhile is kept, also when its
  // sender dies, and arrives after restore(). Connections made meanwhile are cut, too.
  void cut(Chosen chosen);
  void reset(const Chosen& chosen);  // closed on both sides; what was under way is lost
  void restore();                    // no delay, nothing cut

 private:
  struct Line;

  std::shared_ptr<Line> line_;
  int listener_ = -1;
  std::jthread acceptor_;
};

}  // namespace longspan::harness
