#include "cli/commands/http_get.h"

#include <httplib.h>

#include "lagcalc/text.h"

namespace longspan {

namespace {

constexpr std::string_view kScheme = "http://";

std::string reason_of(httplib::Error error, std::chrono::milliseconds timeout) {
  const std::string within = duration_text(timeout.count());
  switch (error) {
    case httplib::Error::Connection:
      return "the connection was refused, or there is no such address";
    case httplib::Error::ConnectionTimeout:
      return "no connection within " + within;
    case httplib::Error::Read:
      return "no whole answer within " + within;
    case httplib::Error::Write:
      return "it does not take the request";
    default:
      return "HTTP error " + httplib::to_string(error);
  }
}

}  // namespace

Result<std::string> http_get(const std::string& url, const std::string& path,
                             std::chrono::milliseconds timeout) {
  if (!url.starts_with(kScheme) || url.size() == kScheme.size()) {
    return fail(Next::stop_process, url + " is not http://host:port");
  }
  const auto slash = url.find('/', kScheme.size());
  const auto server = url.substr(0, slash);
  const bool has_path = slash != std::string::npos && slash + 1 < url.size();
  httplib::Client client(server);
  if (!client.is_valid()) return fail(Next::stop_process, url + " is not http://host:port");
  client.set_connection_timeout(timeout);
  client.set_read_timeout(timeout);
  const auto answer = client.Get(has_path ? url.substr(slash) : path);
  if (!answer) {
    return fail(Next::retry, "no longspan answers at " + server + ": " +
                                 reason_of(answer.error(), timeout) +
                                 "; give the flows' FILE to look without one");
  }
  if (answer->status != 200) {
    return fail(Next::retry,
                server + " answered with HTTP status " + std::to_string(answer->status));
  }
  return answer->body;
}

}  // namespace longspan
