#include "cli/commands/http_get.h"

#include <httplib.h>

namespace longspan {

namespace {

constexpr std::string_view kScheme = "http://";

std::string reason_of(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
      return "the connection was refused, or there is no such address";
    case httplib::Error::ConnectionTimeout:
      return "no connection within " + std::to_string(kHttpTimeout.count()) + " s";
    case httplib::Error::Read:
      return "no whole answer within " + std::to_string(kHttpTimeout.count()) + " s";
    case httplib::Error::Write:
      return "it does not take the request";
    default:
      return "HTTP error " + httplib::to_string(error);
  }
}

}  // namespace

Result<std::string> http_get(const std::string& url, const std::string& path) {
  if (!url.starts_with(kScheme) || url.size() == kScheme.size()) {
    return fail(Next::stop_process, url + " is not http://host:port");
  }
  const auto slash = url.find('/', kScheme.size());
  const auto server = url.substr(0, slash);
  const bool has_path = slash != std::string::npos && slash + 1 < url.size();
  httplib::Client client(server);
  if (!client.is_valid()) return fail(Next::stop_process, url + " is not http://host:port");
  client.set_connection_timeout(kHttpTimeout);
  client.set_read_timeout(kHttpTimeout);
  const auto answer = client.Get(has_path ? url.substr(slash) : path);
  if (!answer) {
    return fail(Next::retry, "no longspan answers at " + server + ": " + reason_of(answer.error()) +
                                 "; give the flows' FILE to look without one");
  }
  if (answer->status != 200) {
    return fail(Next::retry,
                server + " answered with HTTP status " + std::to_string(answer->status));
  }
  return answer->body;
}

}  // namespace longspan
