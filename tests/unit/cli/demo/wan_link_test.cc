// Real sockets on loopback: what is asserted about time has only lower bounds.
#include "cli/demo/wan_link.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <thread>

namespace longspan::demo {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// Sends back whatever it gets, one connection after the other, until it is destroyed.
class Echo {
 public:
  Echo() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    auto address = loopback(0);
    ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_.get(), 8);
    socklen_t size = sizeof address;
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Echo() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void serve() {
    for (int fd = ::accept(listener_.get(), nullptr, nullptr); fd >= 0;
         fd = ::accept(listener_.get(), nullptr, nullptr)) {
      const Socket peer(fd);
      char buffer[4096];
      for (ssize_t n = ::recv(fd, buffer, sizeof buffer, 0); n > 0;
           n = ::recv(fd, buffer, sizeof buffer, 0)) {
        for (ssize_t sent = 0; sent < n;) sent += ::send(fd, buffer + sent, n - sent, MSG_NOSIGNAL);
      }
    }
  }
  Socket listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

Socket dial(std::uint16_t port) {
  Socket socket(::socket(AF_INET, SOCK_STREAM, 0));
  auto address = loopback(port);
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return {};
  return socket;
}

std::string ask(const Socket& socket, const std::string& text) {
  ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
  std::string answer(text.size(), '\0');
  const auto got = ::recv(socket.get(), answer.data(), answer.size(), MSG_WAITALL);
  return answer.substr(0, got > 0 ? static_cast<std::size_t>(got) : 0);
}

TEST(WanLink, TakesARoundTripForAnAnswer) {
  Echo echo;
  auto link = WanLink::start(echo.port(), milliseconds(60));
  ASSERT_TRUE(link);
  const Socket client = dial((*link)->port());
  const auto before = Steady::now();
  EXPECT_EQ(ask(client, "ping"), "ping");
  EXPECT_GE(Steady::now() - before, milliseconds(60));
}

TEST(WanLink, KeepsBytesAndOrderOfALongTransfer) {
  Echo echo;
  auto link = WanLink::start(echo.port(), milliseconds(10));
  ASSERT_TRUE(link);
  const Socket client = dial((*link)->port());
  std::string sent;
  for (int i = 0; sent.size() < (24U << 20); ++i) sent += std::to_string(i) + ",";
  std::thread writer([&] {
    for (std::size_t at = 0; at < sent.size();) {
      at += static_cast<std::size_t>(::send(client.get(), sent.data() + at, sent.size() - at, 0));
    }
  });
  std::string got(sent.size(), '\0');
  EXPECT_EQ(::recv(client.get(), got.data(), got.size(), MSG_WAITALL),
            static_cast<ssize_t>(sent.size()));
  writer.join();
  EXPECT_TRUE(got == sent);
}

TEST(WanLink, ClosesAndRefusesWhileCutAndComesBackOnTheSamePort) {
  Echo echo;
  auto link = WanLink::start(echo.port(), milliseconds(2));
  ASSERT_TRUE(link);
  const std::uint16_t port = (*link)->port();
  {
    const Socket client = dial(port);
    ASSERT_EQ(ask(client, "a"), "a");
    (*link)->cut();
    char byte = 0;
    EXPECT_LE(::recv(client.get(), &byte, 1, 0), 0) << "the connection ends";
  }
  const auto deadline = Steady::now() + milliseconds(5000);
  while (dial(port).get() >= 0 && Steady::now() < deadline) std::this_thread::yield();
  EXPECT_LT(dial(port).get(), 0) << "refused while cut";
  (*link)->restore();
  Socket again = dial(port);
  while (again.get() < 0 && Steady::now() < deadline) again = dial(port);
  EXPECT_EQ(ask(again, "b"), "b");
}

TEST(WanLink, EndsWhileConnectionsAreOpen) {
  Echo echo;
  auto link = WanLink::start(echo.port(), milliseconds(2));
  ASSERT_TRUE(link);
  const Socket client = dial((*link)->port());
  EXPECT_EQ(ask(client, "a"), "a");
  link->reset();
  char byte = 0;
  EXPECT_LE(::recv(client.get(), &byte, 1, 0), 0);
}

}  // namespace
}  // namespace longspan::demo
