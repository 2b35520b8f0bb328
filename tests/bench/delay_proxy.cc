// A far-away broker: delay_proxy --listen-port P --backend-port P --delay-ms D
//
// Every byte is handed on D ms after it was read, in both directions: a round trip costs 2 D. A
// direction is two threads and a bounded queue, so a full pipe pushes back on the sender as a long
// link with a large window does. Loopback only. Runs until it is killed.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <iostream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/arguments.h"

namespace longspan::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kQueueBytesMax = 128 << 20;
constexpr size_t kReadBytes = 256 << 10;

struct Chunk {
  Clock::time_point due;
  std::string bytes;  // empty: the sender has closed
};

// What is under way in one direction. Threads: one puts, one takes.
class Pipe {
 public:
  void put(Chunk chunk) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return bytes_ < kQueueBytesMax; });
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

  const int client;
  const int backend;
};

void read_side(int from, Pipe& pipe, Clock::duration delay) {
  std::vector<char> buffer(kReadBytes);
  while (true) {
    const ssize_t count = recv(from, buffer.data(), buffer.size(), 0);
    const std::string bytes(buffer.data(), count > 0 ? static_cast<size_t>(count) : 0);
    pipe.put({Clock::now() + delay, bytes});
    if (bytes.empty()) return;
  }
}

bool send_all(int to, const std::string& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = send(to, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<size_t>(count);
  }
  return true;
}

void write_side(int to, Pipe& pipe) {
  bool open = true;
  while (true) {
    const Chunk chunk = pipe.take();
    std::this_thread::sleep_until(chunk.due);
    if (chunk.bytes.empty()) break;
    open = open && send_all(to, chunk.bytes);  // after an error: drain, so that the reader can end
  }
  shutdown(to, SHUT_WR);
}

// One direction; the connection lives until both of its directions have ended.
void relay(std::shared_ptr<Connection> connection, int from, int to, Clock::duration delay) {
  Pipe pipe;
  std::jthread writer([&] { write_side(to, pipe); });
  read_side(from, pipe, delay);
  writer.join();
  connection.reset();
}

void check(int result, const std::string& what) {
  if (result < 0) throw std::runtime_error(what + " failed");
}

sockaddr_in loopback(int64_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void no_nagle(int socket) {
  const int yes = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

int listen_on(int64_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in address = loopback(port);
  check(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  check(listen(listener, 128), "listen");
  return listener;
}

[[noreturn]] void run(const Arguments& arguments) {
  const auto delay = std::chrono::milliseconds(arguments.number("delay-ms"));
  const sockaddr_in backend = loopback(arguments.number("backend-port"));
  const int listener = listen_on(arguments.number("listen-port"));
  std::cout << "ready" << std::endl;
  while (true) {
    const int client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    check(client, "accept");
    const int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto connection = std::make_shared<Connection>(client, other);
    if (connect(other, reinterpret_cast<const sockaddr*>(&backend), sizeof backend) != 0) continue;
    no_nagle(client);
    no_nagle(other);
    std::thread(relay, connection, client, other, delay).detach();
    std::thread(relay, connection, other, client, delay).detach();
  }
}

}  // namespace
}  // namespace longspan::bench

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  try {
    longspan::bench::run(longspan::bench::Arguments(argc, argv));
  } catch (const std::exception& error) {
    std::cerr << "delay_proxy: " << error.what() << "\n";
    return 1;
  }
}
