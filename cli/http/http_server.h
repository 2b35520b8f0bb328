// cli/http/http_server.h - /metrics, health and the JSON API over HTTP.
//
//   auto server = HttpServer::start("127.0.0.1:9464", {.snapshot = [&] { return mirror.snapshot();
//   }}); server.value()->url()  // "http://127.0.0.1:9464"
//
// GET and HEAD, one request per connection, no cookies, no files, nothing that changes state; and
// POST of what sinks report (sink_reports.h), which changes what is shown.
//
// Errors:  start() says what to do when the address is malformed or taken. A page that throws is a
//          500 and a log line.
// Limits:  HttpLimits.
// Threads: any; the pages run on the server's own threads.
// Owns:    its threads and sockets; stop(), or the destructor, ends them within a second.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "cli/http/deadline_socket.h"
#include "cli/http/pages.h"
#include "lagcalc/result.h"

namespace longspan {

struct HttpLimits {
  std::size_t threads = 4;
  std::size_t waiting_max = 64;  // accepted connections without a thread
  SocketLimits connection;
};

class HttpServer {
 public:
  // `listen` is host:port; port 0 takes any free one. Serves when it returns.
  static Result<std::unique_ptr<HttpServer>> start(std::string_view listen, HttpViews views,
                                                   HttpLimits limits = {});
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // "http://127.0.0.1:9464", with the port that was taken.
  [[nodiscard]] const std::string& url() const;
  void stop();  // may be called again

 private:
  struct Running;
  explicit HttpServer(std::unique_ptr<Running> running);

  std::unique_ptr<Running> running_;
};

}  // namespace longspan
