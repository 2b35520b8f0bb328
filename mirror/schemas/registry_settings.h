// mirror/schemas/registry_settings.h - where a schema registry is, and how it is talked to.
//
// Units:   std::chrono; sizes in bytes.
// Errors:  settings_mistake(): Next::stop_process; shows no password.
// Threads: values.
// Source:  Confluent's clients: schema.registry.url, basic.auth.*, bearer.auth.*, ssl.*.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lagcalc/result.h"

namespace longspan {

struct BasicLogin {
  std::string user;
  std::string password;
};

struct BearerLogin {
  std::string token;
};

// The client credentials grant of RFC 6749.
struct OauthLogin {
  std::string token_url;
  std::string client_id;
  std::string client_secret;
  std::string scope;  // may be empty
};

using RegistryLogin = std::variant<std::monostate, BasicLogin, BearerLogin, OauthLogin>;

// PEM files; empty: the system's own authorities, and no certificate of ours. The certificate and
// the host name of the other side are always checked.
struct TlsFiles {
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;  // empty: in certificate_file
  std::string key_password;
};

struct ExchangeLimits {
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds total_timeout{30'000};   // of one request, connecting included
  std::size_t answer_bytes_max = 16U * 1024 * 1024;  // headers and body
  std::size_t connections_max = 16;                  // callers above it wait for each other
};

struct RetrySettings {
  int tries_max = 5;                             // requests for one call; each URL gets one
  std::chrono::milliseconds backoff_first{200};  // doubled with each round over the URLs
  std::chrono::milliseconds backoff_max{10'000};
  std::chrono::milliseconds retry_after_max{30'000};  // what a registry may make us wait
};

struct RegistrySettings {
  // http or https, tried in turn; one registry, never several. A path is kept: .../apis/ccompat/v7.
  // user:password@ is a BasicLogin for that URL.
  std::vector<std::string> urls;
  RegistryLogin login;
  std::string logical_cluster;  // Confluent Cloud with tokens: target-sr-cluster
  std::string identity_pool;    // the same: Confluent-Identity-Pool-Id
  TlsFiles tls;                 // for the token endpoint, too
  ExchangeLimits limits;
  RetrySettings retry;
  std::string topic;  // of its cluster, in which it keeps its schemas; empty: is not followed
};

// What cannot work whatever the registry does: no URL, a URL that is none, two logins, a line end
// in a header. Absent: nothing of that.
[[nodiscard]] std::optional<Error> settings_mistake(const RegistrySettings& settings);

}  // namespace longspan
