// cli/commands/http_get.h - asks the HTTP API of a running longspan.
//
// Errors:  cannot connect, no answer within kHttpTimeout, another status than 200: one sentence,
//          Next::retry. A URL that is not http://host:port[/path]: Next::stop_process.
// Threads: a free function; waits.
#pragma once

#include <chrono>
#include <string>

#include "lagcalc/result.h"

namespace longspan {

inline constexpr std::chrono::seconds kHttpTimeout{5};
inline constexpr const char* kUsualUrl = "http://127.0.0.1:9464";

// The body at `path` of the server; a path in the URL itself is used instead.
[[nodiscard]] Result<std::string> http_get(const std::string& url, const std::string& path,
                                           std::chrono::milliseconds timeout = kHttpTimeout);

}  // namespace longspan
