#include "cli/http/http_server.h"
#include "cli/http/sink_reports.h"

#include <httplib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include "cli/http/listen_address.h"
#include "cli/http/page_ahead.h"
#include "cli/http/worker_pool.h"
#include "tracing/log.h"

namespace longspan {
namespace {

constexpr int kNotModified = 304;

// Readable from raise() on, for every poll() of every connection.
class StopSignal {
 public:
  StopSignal() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  ~StopSignal() { ::close(fd_); }
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  void raise() const { (void)::eventfd_write(fd_, 1); }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

class SocketStream : public httplib::Stream {
 public:
  explicit SocketStream(DeadlineSocket& connection) : connection_(connection) {}

  bool is_readable() const override { return connection_.wait_readable(); }
  bool is_writable() const override { return connection_.wait_writable(); }
  ssize_t read(char* into, size_t size) override { return connection_.read(into, size); }
  ssize_t write(const char* from, size_t size) override { return connection_.write(from, size); }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    get_remote_ip_and_port(ip, port);
  }
  socket_t socket() const override { return connection_.fd(); }

 private:
  DeadlineSocket& connection_;
};

// httplib's queue of accepted connections, on our pool. httplib deletes it; the pool lives on.
class PoolQueue : public httplib::TaskQueue {
 public:
  explicit PoolQueue(WorkerPool& pool) : pool_(pool) {}
  void enqueue(std::function<void()> job) override { pool_.submit(std::move(job)); }
  void shutdown() override { pool_.finish(); }

 private:
  WorkerPool& pool_;
};

// httplib's parser and router over connections that have deadlines: its own have a time-out per
// read, so that a client that sends a byte now and then keeps a thread for ever, and stop() waits
// for idle ones.
class DeadlineServer : public httplib::Server {
 public:
  DeadlineServer(int stop_fd, const SocketLimits& limits) : stop_fd_(stop_fd), limits_(limits) {}

  // httplib's backlog is 5: a burst beyond it would wait a second for its SYN to be sent again.
  void widen_backlog() { ::listen(svr_sock_, kBacklog); }

 private:
  static constexpr int kBacklog = 64;

  bool process_and_close_socket(socket_t fd) override {
    DeadlineSocket connection(fd, stop_fd_, limits_);
    bool closed = false;
    bool served = false;
    try {
      SocketStream stream(connection);
      served = process_request(stream, true, closed, nullptr);
    } catch (const std::exception& failure) {
      log_warn("http_connection_failed", {{"error", failure.what()}});
    }
    connection.close();
    return served;
  }

  int stop_fd_;
  SocketLimits limits_;
};

// Whatever a name in Kafka looks like: nothing runs, and nothing is loaded, but our own files.
void add_safety(httplib::Response& response) {
  response.set_header("Vary", "Accept, Accept-Encoding");
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_header("X-Frame-Options", "DENY");
  response.set_header("Referrer-Policy", "no-referrer");
  response.set_header("Cross-Origin-Resource-Policy", "same-origin");
  response.set_header("Content-Security-Policy",
                      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                      "connect-src 'self'; base-uri 'none'; form-action 'none'; "
                      "frame-ancestors 'none'");
}

void send(const HttpAnswer& answer, httplib::Response& response,
          const std::string& known_tags = {}) {
  response.status = answer.status;
  add_safety(response);
  // What has a tag is asked for again each time, and answered in full once a version.
  response.set_header("Cache-Control", answer.tag.empty() ? "no-store" : "no-cache");
  if (!answer.tag.empty()) {
    const std::string tag = "W/\"" + answer.tag + "\"";
    response.set_header("ETag", tag);
    if (known_tags.find(tag) != std::string::npos) {
      response.status = kNotModified;
      return;
    }
  }
  response.set_content(answer.body, answer.type);
}

// Every other request ends here, before httplib looks at bodies, files or routes.
httplib::Server::HandlerResponse serve(const HttpViews& views, const httplib::Request& request,
                                       httplib::Response& response) {
  // Its body is read first: see take_report().
  if (request.method == "POST" && request.path == kSinkPath) {
    return httplib::Server::HandlerResponse::Unhandled;
  }
  if (request.method != "GET" && request.method != "HEAD") {
    response.set_header("Allow", "GET, HEAD");
    send(error_answer(405, "only GET and HEAD"), response);
    return httplib::Server::HandlerResponse::Handled;
  }
  try {
    send(answer(request.path, views, request.params, request.get_header_value("Accept")), response,
         request.get_header_value("If-None-Match"));
  } catch (const std::exception& failure) {
    log_error("http_page_failed", {{"path", request.path}, {"error", failure.what()}});
    send(error_answer(500, "this page failed; the log says why"), response);
  }
  return httplib::Server::HandlerResponse::Handled;
}

// A page of another site cannot send this type unasked, so no browser can be made to report.
void take_report(const HttpViews& views, const httplib::Request& request,
                 httplib::Response& response) {
  if (!request.get_header_value("Content-Type").starts_with("application/json")) {
    return send(error_answer(415, "the Content-Type is application/json"), response);
  }
  try {
    send(answer_report(request.body, views), response);
  } catch (const std::exception& failure) {
    log_error("http_page_failed", {{"path", request.path}, {"error", failure.what()}});
    send(error_answer(500, "this page failed; the log says why"), response);
  }
}

// What httplib refuses by itself: a malformed or oversized request.
void refuse(const httplib::Request&, httplib::Response& response) {
  if (!response.body.empty()) return;
  send(error_answer(response.status, "this request cannot be read"), response);
}

// httplib's default is SO_REUSEPORT, with which a second process would silently take half of the
// connections instead of being told that the port is taken.
void socket_options(socket_t socket) {
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

Unexpected<Error> cannot_listen(std::string_view listen, int error) {
  std::string what = "cannot listen on " + std::string(listen) + ": ";
  if (error == EADDRINUSE) {
    what += "another process has this port; choose another in http.listen (port 0 takes any)";
  } else if (error == EACCES) {
    what += "not allowed to take this port; choose one above 1023 in http.listen";
  } else {
    what += "no address of this machine by that name; see http.listen";
  }
  return fail(Next::stop_process, what);
}

}  // namespace

struct HttpServer::Running {
  Running(HttpViews what, HttpLimits limits)
      : views(std::move(what)),
        metrics{PageAhead([this] { return metrics_page(views, Exposition::text); }),
                PageAhead([this] { return metrics_page(views, Exposition::openmetrics); }),
                PageAhead([this] { return metrics_page(views, Exposition::protobuf); })},
        server(stop.fd(), limits.connection),
        pool(limits.threads, limits.waiting_max) {
    if (!views.metrics) {
      views.metrics = [this](Exposition form) {
        return metrics[static_cast<std::size_t>(form)].get();
      };
    }
    server.set_socket_options(socket_options);
    server.set_tcp_nodelay(true);
    server.set_pre_routing_handler(
        [this](const auto& request, auto& response) { return serve(views, request, response); });
    server.set_payload_max_length(kSinkBodyMax);
    server.Post(std::string(kSinkPath), [this](const auto& request, auto& response) {
      take_report(views, request, response);
    });
    server.set_error_handler(
        [](const auto& request, auto& response) { refuse(request, response); });
    server.new_task_queue = [this] { return new PoolQueue(pool); };
  }

  HttpViews views;
  std::array<PageAhead, kExpositions> metrics;  // each by itself: a scraper asks for one
  StopSignal stop;
  DeadlineServer server;
  WorkerPool pool;
  std::string url;
  std::jthread acceptor;
};

HttpServer::HttpServer(std::unique_ptr<Running> running) : running_(std::move(running)) {}
HttpServer::~HttpServer() { stop(); }

Result<std::unique_ptr<HttpServer>> HttpServer::start(std::string_view listen, HttpViews views,
                                                      HttpLimits limits) try {
  auto address = parse_listen(listen);
  if (!address) return address.error();
  auto running = std::make_unique<Running>(std::move(views), limits);
  errno = 0;
  const int port = address->port == 0 ? running->server.bind_to_any_port(address->host)
                                      : (running->server.bind_to_port(address->host, address->port)
                                             ? static_cast<int>(address->port)
                                             : -1);
  if (port < 0) return cannot_listen(listen, errno);
  running->server.widen_backlog();
  address->port = static_cast<std::uint16_t>(port);
  running->url = url_of(*address);
  running->acceptor = std::jthread([r = running.get()] { r->server.listen_after_bind(); });
  // Its stop() does nothing before it runs.
  while (!running->server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(running)));
} catch (const std::exception& failure) {
  return fail(Next::stop_process, std::string("cannot serve HTTP: ") + failure.what());
}

const std::string& HttpServer::url() const { return running_->url; }

void HttpServer::stop() {
  if (!running_->acceptor.joinable()) return;
  for (PageAhead& page : running_->metrics) page.stop();
  running_->stop.raise();
  running_->server.stop();
  running_->acceptor.join();
}

}  // namespace longspan
