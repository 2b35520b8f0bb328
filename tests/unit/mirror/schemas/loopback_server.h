// tests/unit/mirror/schemas/loopback_server.h - servers on a free port of this machine, for tests
// of what a real socket does.
//
// Errors:  a server that cannot be made fails the test.
// Threads: handlers run on the server's own threads.
// Owns:    sockets and threads; the destructor ends them.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace longspan {

// Says exactly what a test wants said: `talk` is given each connection, one after the other. They
// stay open until the end, or until `talk` shuts one down.
class RawServer {
 public:
  using Talk = std::function<void(int fd)>;

  explicit RawServer(Talk talk) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_, any, size), 0);
    EXPECT_EQ(::listen(listener_, 64), 0);
    EXPECT_EQ(::getsockname(listener_, any, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this, talk = std::move(talk)] { serve(talk); });
  }
  ~RawServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    for (const int fd : open_) ::close(fd);
    ::close(listener_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void serve(const Talk& talk) {
    for (int fd = accept(); fd >= 0; fd = accept()) {
      ++connections_;
      open_.push_back(fd);
      talk(fd);
    }
  }
  int accept() const { return ::accept(listener_, nullptr, nullptr); }

  int listener_;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::vector<int> open_;
  std::jthread thread_;
};

// The head of a request, and a body if one came with it; empty: the other side closed.
inline std::string hear(int fd) {
  std::string heard;
  char buffer[4096];
  while (heard.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got <= 0) return heard;
    heard.append(buffer, static_cast<std::size_t>(got));
  }
  return heard;
}

inline void say(int fd, const std::string& text) {
  (void)::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
}

inline void hang_up(int fd) { ::shutdown(fd, SHUT_RDWR); }

// An httplib server, plain or TLS, that counts the connections of its requests.
class WebServer {
 public:
  explicit WebServer(httplib::Server::Handler handler,
                     std::unique_ptr<httplib::Server> server = std::make_unique<httplib::Server>(),
                     std::string scheme = "http")
      : server_(std::move(server)), scheme_(std::move(scheme)) {
    server_->new_task_queue = [] { return new httplib::ThreadPool(32); };
    server_->set_keep_alive_max_count(100'000);
    const auto counted = [this, handler = std::move(handler)](const httplib::Request& request,
                                                              httplib::Response& response) {
      note(request);
      handler(request, response);
    };
    server_->Get(".*", counted).Put(".*", counted).Post(".*", counted).Delete(".*", counted);
    port_ = server_->bind_to_any_port("127.0.0.1");
    EXPECT_GT(port_, 0);
    thread_ = std::jthread([this] { server_->listen_after_bind(); });
    while (!server_->is_running()) std::this_thread::yield();
  }
  ~WebServer() { server_->stop(); }
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  [[nodiscard]] std::string url(const std::string& host = "127.0.0.1") const {
    return scheme_ + "://" + host + ":" + std::to_string(port_);
  }
  [[nodiscard]] std::size_t connections() {
    const std::scoped_lock lock(mutex_);
    return client_ports_.size();
  }
  [[nodiscard]] int requests() {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }

 private:
  void note(const httplib::Request& request) {
    const std::scoped_lock lock(mutex_);
    ++requests_;
    client_ports_.insert(request.remote_port);
  }

  std::unique_ptr<httplib::Server> server_;
  std::string scheme_;
  int port_ = 0;
  std::mutex mutex_;  // for the two below
  int requests_ = 0;
  std::set<int> client_ports_;
  std::jthread thread_;
};

}  // namespace longspan
