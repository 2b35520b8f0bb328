#include "cli/telemetry/http_transport.h"

#include <algorithm>
#include <utility>

#include "cli/telemetry/gzip.h"
#include "mirror/schemas/http_exchange.h"
#include "mirror/schemas/registry_url.h"
#include "tracing/export/otlp_answer.h"

namespace longspan {
namespace {

Next next_of(HttpFailure::Kind kind) {
  switch (kind) {
    case HttpFailure::Kind::network:
    case HttpFailure::Kind::tls:
    case HttpFailure::Kind::stopped:
      return Next::retry;
    case HttpFailure::Kind::too_large:
    case HttpFailure::Kind::unusable:
      break;
  }
  return Next::stop_process;
}

// A key may stand behind the ?.
std::string shown(const std::string& url) {
  return without_login(url.substr(0, url.find_first_of("?#")));
}

}  // namespace

SendResult HttpTransport::send(const ExportRequest& request) {
  HttpRequest out{"POST", request.url, {{"User-Agent", user_agent_}}, {}};
  for (const auto& [name, value] : request.headers) out.headers.push_back({name, value});
  if (request.is_gzip) out.headers.push_back({"Content-Encoding", "gzip"});
  out.body = request.is_gzip ? gzip(request.body) : request.body;
  auto answer = exchange_->send(out);
  if (!answer) {
    return fail(next_of(answer.error().kind), answer.error().message, "url=" + shown(request.url));
  }
  CollectorAnswer found{
      answer->status, std::move(answer->content_type), {}, std::move(answer->body)};
  if (!answer->retry_after.empty()) found.retry_after = std::move(answer->retry_after);
  return found;
}

std::unique_ptr<ExportTransport> make_http_transport(const ExportSettings& settings,
                                                     std::string user_agent, std::stop_token stop) {
  ExchangeLimits limits;
  limits.connect_timeout = std::min(limits.connect_timeout, settings.timeout);
  limits.total_timeout = settings.timeout;
  limits.answer_bytes_max = kAnswerBytesMax;
  limits.connections_max = 1;
  TlsFiles tls{
      settings.certificate_file, settings.client_certificate_file, settings.client_key_file, {}};
  return std::make_unique<HttpTransport>(
      std::make_unique<HttpExchange>(std::move(tls), limits, std::move(stop)),
      std::move(user_agent));
}

}  // namespace longspan
