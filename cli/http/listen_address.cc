#include "cli/http/listen_address.h"

#include <charconv>
#include <system_error>

namespace longspan {
namespace {

Unexpected<Error> not_an_address(std::string_view text) {
  return fail(Next::stop_process,
              "http.listen=" + std::string(text) +
                  " is not host:port, for example 127.0.0.1:9464 or [::1]:9464");
}

}  // namespace

Result<ListenAddress> parse_listen(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return not_an_address(text);
  std::string_view host = text.substr(0, colon);
  const bool brackets = host.starts_with('[') && host.ends_with(']');
  if (brackets) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.find_first_of("[] /") != std::string_view::npos) {
    return not_an_address(text);
  }
  if (!brackets && host.find(':') != std::string_view::npos) return not_an_address(text);
  const std::string_view digits = text.substr(colon + 1);
  ListenAddress address{std::string(host), 0};
  const auto end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, address.port);
  if (read.ec != std::errc() || read.ptr != end) return not_an_address(text);
  return address;
}

std::string url_of(const ListenAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + address.host + "]" : address.host) + ":" +
         std::to_string(address.port);
}

}  // namespace longspan
