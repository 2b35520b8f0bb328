// cli/telemetry/gzip.h - a body as gzip: Content-Encoding of a request.
//
// Errors:  none.
// Threads: pure function.
// Source:  RFC 1952, by zlib.
#pragma once

#include <string>
#include <string_view>

namespace longspan {

[[nodiscard]] std::string gzip(std::string_view body);

}  // namespace longspan
