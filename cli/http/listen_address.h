// cli/http/listen_address.h - the value of http.listen: "127.0.0.1:9464", "[::1]:0".
//
// Errors:  anything else is one Error that shows the form wanted.
// Threads: a pure function.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lagcalc/result.h"

namespace longspan {

struct ListenAddress {
  std::string host;        // a name or an address, without brackets
  std::uint16_t port = 0;  // 0: any free one
};

[[nodiscard]] Result<ListenAddress> parse_listen(std::string_view text);

// "http://host:port", with brackets where the host is an IPv6 address.
[[nodiscard]] std::string url_of(const ListenAddress& address);

}  // namespace longspan
