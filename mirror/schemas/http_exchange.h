// mirror/schemas/http_exchange.h - HTTP by libcurl, with connections that are kept.
//
//   HttpExchange exchange(settings.tls, settings.limits, stop);
//   const auto response = exchange.send({"GET", "https://registry:8081/subjects", {}, {}});
//
// A redirect is an answer like any other: nobody is followed with our credentials. Proxies are
// those of the environment, as curl has it. A request whose kept connection turns out dead before
// an answer's first byte is sent once more by curl itself.
//
// Errors:  HttpFailure with curl's words and the host; never a header, a body or a password.
// Limits:  ExchangeLimits; at most `connections_max` requests at once, other callers wait.
// Threads: send() from any; the process ignores SIGPIPE. Once `stop` is requested everything that
//          waits answers `stopped` at once, and so does each later call.
// Owns:    its connections. No send() may be under way when it is destroyed.
// Source:  libcurl 7.87 and later.
#pragma once

#include <memory>
#include <stop_token>

#include "mirror/schemas/exchange.h"
#include "mirror/schemas/registry_settings.h"

namespace longspan {

class HttpExchange final : public Exchange {
 public:
  HttpExchange(TlsFiles tls, ExchangeLimits limits, std::stop_token stop);
  ~HttpExchange() override;
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  Result<HttpResponse, HttpFailure> send(const HttpRequest& request) override;

 private:
  class Lines;
  std::unique_ptr<Lines> lines_;
};

}  // namespace longspan
