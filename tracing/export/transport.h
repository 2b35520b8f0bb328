// tracing/export/transport.h - how a request reaches a collector.
//
// Errors:  an Error with Next::retry where the request may never have arrived, or was not answered
//          in time; another one where it cannot be sent at all.
// Threads: send() blocks, for as long as the settings' timeout at most; an object serves one
//          thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tracing/export/retry.h"

namespace longspan {

struct ExportRequest {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;  // Content-Type with them
  std::string body;
  bool is_gzip = false;  // to be compressed on the way
};

class ExportTransport {
 public:
  ExportTransport() = default;
  ExportTransport(const ExportTransport&) = delete;
  ExportTransport& operator=(const ExportTransport&) = delete;
  virtual ~ExportTransport() = default;
  [[nodiscard]] virtual SendResult send(const ExportRequest& request) = 0;
};

}  // namespace longspan
