#include "tests/broker/harness/tcp_proxy.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <string>
#include <vector>

#include "tests/broker/harness/kafka_handle.h"

namespace longspan::harness {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kReadBytes = 256 << 10;

struct Chunk {
  Clock::time_point due;
  std::string bytes;  // empty: the sender has closed
};

// What is under way in one direction. Threads: one puts, one takes.
class Pipe {
 public:
  explicit Pipe(size_t bytes_max) : bytes_max_(bytes_max) {}

  void put(Chunk chunk) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return bytes_ < bytes_max_; });
    bytes_ += chunk.bytes.size();
    chunks_.push_back(std::move(chunk));
    changed_.notify_all();
  }

  Chunk take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !chunks_.empty(); });
    Chunk chunk = std::move(chunks_.front());
    chunks_.pop_front();
    bytes_ -= chunk.bytes.size();
    changed_.notify_all();
    return chunk;
  }

 private:
  const size_t bytes_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Chunk> chunks_;
  size_t bytes_ = 0;
};

// Owns both sockets.
struct Connection {
  Connection(int client_socket, int backend_socket)
      : client(client_socket), backend(backend_socket) {}
  ~Connection() {
    close(client);
    close(backend);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void tear() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    for (const int socket : {client, backend}) {
      setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      shutdown(socket, SHUT_RDWR);
    }
  }

  const int client;
  const int backend;
  uint16_t client_port = 0;
  bool is_cut = false;   // under the line's mutex, like the next one
  bool is_torn = false;  // what is still queued is dropped
};

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void no_nagle(int socket) {
  const int yes = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

int listen_on(uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in address = loopback(port);
  const bool listens =
      bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      listen(listener, 128) == 0;
  if (!listens) close(listener);
  require(listens, "cannot listen on port " + std::to_string(port));
  return listener;
}

bool send_all(int to, const std::string& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = send(to, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<size_t>(count);
  }
  return true;
}

}  // namespace

// What the proxy's calls and its threads share; lives as long as either.
struct TcpProxy::Line {
  explicit Line(const ProxyRoute& to) : route(to) {}

  const ProxyRoute route;
  std::mutex mutex;
  std::condition_variable changed;
  std::list<std::weak_ptr<Connection>> connections;
  Chosen cut;  // empty: nothing is
  Clock::duration delay{};
  int directions = 0;  // that are still running

  Clock::time_point due() {
    const std::lock_guard lock(mutex);
    return Clock::now() + delay;
  }

  // False: the connection was torn.
  bool wait_until_open(const Connection& connection) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return !connection.is_cut || connection.is_torn; });
    return !connection.is_torn;
  }

  void for_each(const std::function<void(Connection&)>& visit) {  // under the mutex
    connections.remove_if([](const auto& weak) { return weak.expired(); });
    for (const auto& weak : connections) {
      if (const auto connection = weak.lock()) visit(*connection);
    }
  }

  void read_side(int from, Pipe& pipe) {
    std::vector<char> buffer(kReadBytes);
    while (true) {
      const ssize_t count = recv(from, buffer.data(), buffer.size(), 0);
      const std::string bytes(buffer.data(), count > 0 ? static_cast<size_t>(count) : 0);
      pipe.put({due(), bytes});
      if (bytes.empty()) return;
    }
  }

  void write_side(const Connection& connection, int to, Pipe& pipe) {
    bool open = true;
    while (true) {
      const Chunk chunk = pipe.take();
      std::this_thread::sleep_until(chunk.due);
      open = wait_until_open(connection) && open;
      if (chunk.bytes.empty()) break;
      open = open && send_all(to, chunk.bytes);  // after an error: drain, so the reader can end
    }
    shutdown(to, SHUT_WR);
  }

  // One direction; the connection lives until both of its directions have ended.
  static void relay(std::shared_ptr<Line> line, std::shared_ptr<Connection> connection,
                    bool to_backend) {
    {
      Pipe pipe(line->route.queue_bytes_max);
      const int from = to_backend ? connection->client : connection->backend;
      const int to = to_backend ? connection->backend : connection->client;
      std::jthread writer([&] { line->write_side(*connection, to, pipe); });
      line->read_side(from, pipe);
    }
    connection.reset();
    const std::lock_guard lock(line->mutex);
    --line->directions;
    line->changed.notify_all();
  }

  static void begin(const std::shared_ptr<Line>& line, int client, uint16_t client_port) {
    const int backend = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto connection = std::make_shared<Connection>(client, backend);
    const sockaddr_in address = loopback(line->route.backend_port);
    if (connect(backend, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;
    no_nagle(client);
    no_nagle(backend);
    connection->client_port = client_port;
    const std::lock_guard lock(line->mutex);
    connection->is_cut = line->cut && line->cut(client_port);
    line->connections.push_back(connection);
    line->directions += 2;
    std::thread(relay, line, connection, true).detach();
    std::thread(relay, line, connection, false).detach();
  }

  static void accept_all(const std::shared_ptr<Line>& line, int listener) {
    while (true) {
      sockaddr_in peer{};
      socklen_t size = sizeof peer;
      const int client = accept4(listener, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC);
      if (client < 0) return;  // the destructor has shut the listener
      begin(line, client, ntohs(peer.sin_port));
    }
  }
};

TcpProxy::TcpProxy(const ProxyRoute& route)
    : line_(std::make_shared<Line>(route)), listener_(listen_on(route.listen_port)) {
  acceptor_ =
      std::jthread([line = line_, listener = listener_] { Line::accept_all(line, listener); });
}

TcpProxy::~TcpProxy() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  reset([](uint16_t) { return true; });
  std::unique_lock lock(line_->mutex);
  line_->changed.wait(lock, [&] { return line_->directions == 0; });
}

void TcpProxy::set_delay(std::chrono::milliseconds delay) {
  const std::lock_guard lock(line_->mutex);
  line_->delay = delay;
}

void TcpProxy::cut(Chosen chosen) {
  const std::lock_guard lock(line_->mutex);
  line_->for_each([&](Connection& c) { c.is_cut = chosen(c.client_port); });
  line_->cut = std::move(chosen);
  line_->changed.notify_all();
}

void TcpProxy::reset(const Chosen& chosen) {
  const std::lock_guard lock(line_->mutex);
  line_->for_each([&](Connection& c) {
    if (!chosen(c.client_port)) return;
    c.is_torn = true;
    c.tear();
  });
  line_->changed.notify_all();
}

void TcpProxy::restore() {
  const std::lock_guard lock(line_->mutex);
  line_->cut = nullptr;
  line_->delay = {};
  line_->for_each([](Connection& c) { c.is_cut = false; });
  line_->changed.notify_all();
}

}  // namespace longspan::harness
