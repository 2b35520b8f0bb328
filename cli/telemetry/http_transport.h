// cli/telemetry/http_transport.h - requests of exporters by the HTTP client of the schema
// registries: libcurl, one connection that is kept, no redirect followed.
//
// Errors:  Next::retry where no whole answer came; Next::stop_process where the URL or a setting
//          cannot work, or the answer is larger than OTLP allows.
// Limits:  the settings' timeout for a request, kAnswerBytesMax for an answer.
// Threads: one; once `stop` is requested send() answers at once, also one that waits.
// Source:  OTLP/HTTP; Zipkin v2.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "mirror/schemas/exchange.h"
#include "tracing/export/export_settings.h"
#include "tracing/export/transport.h"

namespace longspan {

class HttpTransport final : public ExportTransport {
 public:
  HttpTransport(std::unique_ptr<Exchange> exchange, std::string user_agent)
      : exchange_(std::move(exchange)), user_agent_(std::move(user_agent)) {}
  SendResult send(const ExportRequest& request) override;

 private:
  std::unique_ptr<Exchange> exchange_;
  std::string user_agent_;
};

[[nodiscard]] std::unique_ptr<ExportTransport> make_http_transport(const ExportSettings& settings,
                                                                   std::string user_agent,
                                                                   std::stop_token stop);

}  // namespace longspan
