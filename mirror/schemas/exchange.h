// mirror/schemas/exchange.h - one HTTP request and what became of it; a port.
//
// Errors:  HttpFailure: no whole answer. An answer with any status is an answer.
// Threads: any number of callers at once; calls wait, within the bounds of the implementation.
// Source:  RFC 9110.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lagcalc/result.h"

namespace longspan {

struct HttpHeader {
  std::string name;
  std::string value;  // never shown: may be a secret
  friend bool operator==(const HttpHeader&, const HttpHeader&) = default;
};

struct HttpRequest {
  std::string method;  // GET, PUT, POST, DELETE
  std::string url;     // whole, percent-encoded, without user and password
  std::vector<HttpHeader> headers;
  std::string body;
};

struct HttpResponse {
  int status = 0;
  std::string body;
  std::string retry_after;        // as it was sent; empty: was not
  std::string location;           // the same
  std::string content_type = {};  // the same
};

struct HttpFailure {
  enum class Kind : std::uint8_t {
    network,    // no address, no connection, lost, timed out: may go well the next time
    tls,        // certificates or keys that are not accepted, on either side
    too_large,  // an answer above the limit
    unusable,   // a URL or a setting that cannot work
    stopped     // we were told to stop
  };
  Kind kind = Kind::network;
  std::string message;  // one sentence, no full stop, no secrets
};

class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual Result<HttpResponse, HttpFailure> send(const HttpRequest& request) = 0;
};

}  // namespace longspan
