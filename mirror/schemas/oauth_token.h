// mirror/schemas/oauth_token.h - an access token by the client credentials grant, kept fresh.
//
// A token is renewed when four fifths of its life have passed; where that fails it is used to its
// end. One renewal at a time: who comes meanwhile waits for it.
//
// Errors:  RegistryError of the token endpoint: unreachable; forbidden, where it refuses us;
//          unintelligible. Never with the secret or a token.
// Limits:  one request for each renewal: the caller's retries are the retries.
// Threads: any number of callers at once.
// Owns:    nothing; exchange and timing outlive it.
// Source:  RFC 6749, 2.3.1 and 4.4.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "mirror/schemas/exchange.h"
#include "mirror/schemas/registry.h"
#include "mirror/schemas/registry_settings.h"
#include "mirror/schemas/timing.h"

namespace longspan {

class OauthToken {
 public:
  OauthToken(OauthLogin login, Exchange& exchange, Timing& timing);

  RegistryResult<std::string> get();
  // A registry answered 401 to this token. The next get() asks for another one, unless that has
  // happened already.
  void refuse(const std::string& token);

 private:
  struct Token {
    std::string text;
    Timing::Steady renewed_from;
    Timing::Steady ends_at;
  };

  RegistryResult<Token> renewed();
  [[nodiscard]] HttpRequest request() const;
  [[nodiscard]] RegistryResult<Token> read(const HttpResponse& response) const;
  [[nodiscard]] RegistryError error(RegistryError::Kind kind, int status,
                                    std::string message) const;

  const OauthLogin login_;
  Exchange& exchange_;
  Timing& timing_;
  std::mutex mutex_;  // for token_, and held while it is renewed
  std::optional<Token> token_;
};

}  // namespace longspan
