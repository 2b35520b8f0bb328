// mirror/schemas/registry_requests.h - one request to a registry: its URLs, login and retries.
//
// A call goes to the URL that answered last; where that one fails the others follow, then pauses
// (retry.h). With OAuth a 401 brings one new token and one more try. Each request may so be made
// more than once, and the registry may have carried out one whose answer was lost.
//
// Errors:  RegistryError: no answer (unreachable), or no token. An answer of any status is an
//          answer; what it means is refusal()'s to say.
// Limits:  RetrySettings and ExchangeLimits: tries_max * (total_timeout + pause), at most.
// Threads: any number of callers at once. Once `stop` is requested calls end as `unreachable`.
// Owns:    exchange and timing.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "mirror/schemas/exchange.h"
#include "mirror/schemas/oauth_token.h"
#include "mirror/schemas/registry.h"
#include "mirror/schemas/registry_answer.h"
#include "mirror/schemas/registry_settings.h"
#include "mirror/schemas/registry_url.h"
#include "mirror/schemas/timing.h"

namespace longspan {

// What the network and the machine do; both are replaced by tests.
struct RegistryPorts {
  std::unique_ptr<Exchange> exchange;
  std::unique_ptr<Timing> timing;
};

class RegistryRequests {
 public:
  // Settings without a mistake: settings_mistake().
  RegistryRequests(RegistrySettings settings, RegistryPorts ports, std::stop_token stop);

  // `path` is percent-encoded and begins with a slash; an empty `body` is not sent.
  RegistryResult<RegistryAnswer> send(std::string_view method, std::string_view path,
                                      const std::string& body = {});

 private:
  using Sent = Result<HttpResponse, HttpFailure>;
  struct Try;  // what came of one

  Try try_once(const HttpRequest& request, std::size_t url);
  RegistryResult<Sent> send_with_login(HttpRequest request, std::size_t url);
  RegistryResult<std::string> authorization(std::size_t url);
  [[nodiscard]] HttpRequest request(std::string_view method, const std::string& body) const;

  const RegistrySettings settings_;
  const RegistryPorts ports_;
  const std::stop_token stop_;
  std::vector<RegistryUrl> urls_;      // constant after construction
  std::unique_ptr<OauthToken> oauth_;  // the same; empty: another login
  std::atomic<std::size_t> best_url_ = 0;
};

}  // namespace longspan
