#include "cli/demo/wan_link.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace longspan::demo {
namespace {

constexpr std::size_t kReadBytes = 256 << 10;
constexpr int kBacklog = 64;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

template <class Call>
bool with_address(sockaddr_in address, Call call) {
  return call(reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

Socket new_socket() { return Socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)); }

void set_on(const Socket& socket, int level, int option) {
  const int on = 1;
  ::setsockopt(socket.get(), level, option, &on, sizeof on);
}

Unexpected<Error> socket_failure(const char* what) {
  return fail(Next::stop_process, std::string(what) + ": " + std::strerror(errno), "link=demo");
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

Result<std::unique_ptr<WanLink>> WanLink::start(std::uint16_t server_port,
                                                std::chrono::milliseconds round_trip) {
  std::unique_ptr<WanLink> link(new WanLink(server_port, round_trip));
  if (auto opened = link->open(); !opened) return opened.error();
  link->thread_ = std::thread([raw = link.get()] { raw->run(); });
  return link;
}

WanLink::WanLink(std::uint16_t server_port, std::chrono::milliseconds round_trip)
    : server_port_(server_port), one_way_(round_trip / 2) {}

WanLink::~WanLink() {
  stop_ = true;
  wake();
  if (thread_.joinable()) thread_.join();
}

void WanLink::cut() {
  cut_ = true;
  wake();
}

void WanLink::restore() {
  cut_ = false;
  wake();
}

void WanLink::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

Result<void> WanLink::open() {
  wake_ = Socket(::eventfd(0, EFD_NONBLOCK));
  if (wake_.get() < 0) return socket_failure("cannot make an eventfd");
  if (auto bound = bind_port(); !bound) return bound;
  if (::listen(listener_.get(), kBacklog) != 0) return socket_failure("cannot listen");
  listening_ = true;
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return socket_failure("cannot read the port");
  }
  port_ = ntohs(address.sin_port);
  return {};
}

// Bound and not listening: the port stays ours and connections to it are refused.
Result<void> WanLink::bind_port() {
  listener_ = new_socket();
  if (listener_.get() < 0) return socket_failure("cannot make a socket");
  set_on(listener_, SOL_SOCKET, SO_REUSEADDR);
  const bool bound = with_address(loopback(port_), [this](sockaddr* address, socklen_t size) {
    return ::bind(listener_.get(), address, size);
  });
  if (!bound) return socket_failure("cannot bind a loopback port");
  return {};
}

void WanLink::run() {
  while (!stop_) turn();
}

void WanLink::turn() {
  auto fds = wanted();
  ::poll(fds.data(), fds.size(), wait_ms());
  std::uint64_t count = 0;
  if (fds[0].revents != 0) {
    [[maybe_unused]] const auto got = ::read(wake_.get(), &count, sizeof count);
  }
  follow_switch();
  if (listening_ && (fds[1].revents & POLLIN) != 0) accept_one();
  for (Connection& c : connections_) {
    read_from(c, c.up);
    read_from(c, c.down);
    write_due(c, c.up);
    write_due(c, c.down);
  }
  connections_.remove_if([](const Connection& c) {
    return c.broken || (c.up.ended && c.up.chunks.empty()) ||
           (c.down.ended && c.down.chunks.empty());
  });
}

void WanLink::follow_switch() {
  if (cut_ && listening_) {
    connections_.clear();
    listener_ = Socket();
    listening_ = false;
  }
  if (cut_) {
    if (listener_.get() < 0) static_cast<void>(bind_port());  // tried again at the next turn
  } else if (!listening_) {
    if (listener_.get() < 0 && !bind_port()) return;
    listening_ = ::listen(listener_.get(), kBacklog) == 0;
  }
}

void WanLink::accept_one() {
  Socket client(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK));
  if (client.get() < 0 || connections_.size() >= kConnectionsMax) return;
  Socket server = new_socket();
  if (server.get() < 0) return;
  const bool connected = with_address(
      loopback(server_port_),
      [&](sockaddr* address, socklen_t size) { return ::connect(server.get(), address, size); });
  if (!connected && errno != EINPROGRESS) return;
  set_on(client, IPPROTO_TCP, TCP_NODELAY);
  set_on(server, IPPROTO_TCP, TCP_NODELAY);
  Connection& c = connections_.emplace_back();
  c.up.from = c.down.to = client.get();
  c.up.to = c.down.from = server.get();
  c.client = std::move(client);
  c.server = std::move(server);
}

std::vector<pollfd> WanLink::wanted() const {
  std::vector<pollfd> fds = {{wake_.get(), POLLIN, 0},
                             {listening_ ? listener_.get() : -1, POLLIN, 0}};
  const auto add = [&fds](const Direction& in, const Direction& out) {
    const bool reads = !in.ended && in.queued < kQueuedBytesMax;
    const int events = (reads ? POLLIN : 0) | (out.blocked ? POLLOUT : 0);
    fds.push_back({events != 0 ? in.from : -1, static_cast<short>(events), 0});
  };
  for (const Connection& c : connections_) {
    add(c.up, c.down);
    add(c.down, c.up);
  }
  return fds;
}

// Until the next chunk is due; -1: only events matter.
int WanLink::wait_ms() const {
  constexpr Steady kNever = Steady::max();
  Steady next = kNever;
  const auto look = [&next](const Direction& d) {
    if (!d.chunks.empty() && !d.blocked) next = std::min(next, d.chunks.front().due);
  };
  for (const Connection& c : connections_) {
    look(c.up);
    look(c.down);
  }
  if (cut_ && listener_.get() < 0) return 10;
  if (next == kNever) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(next - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

void WanLink::read_from(Connection& connection, Direction& direction) {
  if (direction.ended || direction.queued >= kQueuedBytesMax) return;
  thread_local std::vector<char> buffer(kReadBytes);
  const ssize_t got = ::recv(direction.from, buffer.data(), buffer.size(), 0);
  if (got > 0) {
    const auto size = static_cast<std::size_t>(got);
    direction.chunks.push_back(
        {std::chrono::steady_clock::now() + one_way_, std::string(buffer.data(), size)});
    direction.queued += size;
  } else if (got == 0) {
    direction.ended = true;
  } else if (!would_block() && errno != ENOTCONN) {
    connection.broken = true;
  }
}

void WanLink::write_due(Connection& connection, Direction& direction) {
  const auto now = std::chrono::steady_clock::now();
  direction.blocked = false;
  while (!direction.chunks.empty() && direction.chunks.front().due <= now) {
    const std::string& bytes = direction.chunks.front().bytes;
    const ssize_t put = ::send(direction.to, bytes.data() + direction.sent,
                               bytes.size() - direction.sent, MSG_NOSIGNAL);
    if (put < 0) {
      direction.blocked = would_block() || errno == ENOTCONN;
      if (!direction.blocked) connection.broken = true;
      return;
    }
    direction.sent += static_cast<std::size_t>(put);
    direction.queued -= static_cast<std::size_t>(put);
    if (direction.sent < bytes.size()) continue;
    direction.chunks.pop_front();
    direction.sent = 0;
  }
}

}  // namespace longspan::demo
