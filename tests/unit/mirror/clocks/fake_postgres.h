// tests/unit/mirror/clocks/fake_postgres.h - a server that speaks as much of Postgres' protocol as
// one question needs, on a free port of this machine.
//
// Errors:  a server that cannot be made fails the test.
// Threads: one of its own, a connection after the other.
// Source:  PostgreSQL documentation, "Message Formats".
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace longspan {

class FakePostgres {
 public:
  // The answer to each question, by column; none: it takes connections and says nothing.
  explicit FakePostgres(std::vector<std::string> row)
      : row_(std::move(row)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_, any, size), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    EXPECT_EQ(::getsockname(listener_, any, &size), 0);
    port_ = std::to_string(ntohs(address.sin_port));
    if (!row_.empty()) thread_ = std::jthread([this] { serve(); });
  }
  ~FakePostgres() {
    ::shutdown(listener_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    ::close(listener_);
  }
  FakePostgres(const FakePostgres&) = delete;
  FakePostgres& operator=(const FakePostgres&) = delete;

  [[nodiscard]] const std::string& port() const { return port_; }

 private:
  static std::string number(std::size_t value, int bytes) {
    std::string out;
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xff);
    return out;
  }
  static std::string message(char kind, const std::string& body) {
    return kind + number(body.size() + 4, 4) + body;
  }
  static std::string ready() { return message('Z', "I"); }

  [[nodiscard]] std::string answer() const {
    std::string columns = number(row_.size(), 2);
    std::string values = number(row_.size(), 2);
    for (const auto& value : row_) {
      columns += std::string("c\0", 2) + number(0, 6) + number(25, 4) + number(0xffff, 2) +
                 number(0xffffffff, 4) + number(0, 2);
      values += number(value.size(), 4) + value;
    }
    return message('T', columns) + message('D', values) +
           message('C', std::string("SELECT 1\0", 9)) + ready();
  }
  static void say(int fd, const std::string& text) {
    EXPECT_EQ(::send(fd, text.data(), text.size(), MSG_NOSIGNAL), std::ssize(text));
  }
  // Small messages come whole here: the start, then a question after each answer, then the end.
  void serve() {
    for (int fd = accept(); fd >= 0; fd = accept()) {
      std::array<char, 4096> heard{};
      if (::recv(fd, heard.data(), heard.size(), 0) > 0) {
        say(fd, message('R', number(0, 4)) + ready());
      }
      while (::recv(fd, heard.data(), heard.size(), 0) > 0 && heard[0] == 'Q') say(fd, answer());
      ::close(fd);
    }
  }
  int accept() const { return ::accept(listener_, nullptr, nullptr); }

  const std::vector<std::string> row_;
  const int listener_;
  std::string port_;
  std::jthread thread_;
};

}  // namespace longspan
