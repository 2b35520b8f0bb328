#include "mirror/schemas/registry_requests.h"

#include <chrono>
#include <optional>
#include <utility>
#include <variant>

#include "lagcalc/assert.h"
#include "mirror/schemas/retry.h"

namespace longspan {

namespace {

using Kind = RegistryError::Kind;

constexpr const char* kMedia = "application/vnd.schemaregistry.v1+json";
constexpr const char* kAccepted =
    "application/vnd.schemaregistry.v1+json, application/vnd.schemaregistry+json, "
    "application/json";

std::string basic(const BasicLogin& login) {
  return "Basic " + base64(login.user + ":" + login.password);
}

RegistryError no_answer(const HttpFailure& failure, const std::string& where) {
  const bool is_answer = failure.kind == HttpFailure::Kind::too_large;
  return {is_answer ? Kind::unintelligible : Kind::unreachable, 0, 0, failure.message, where};
}

}  // namespace

struct RegistryRequests::Try {
  RegistryResult<RegistryAnswer> result;
  bool is_final = true;
  std::string retry_after;
};

RegistryRequests::RegistryRequests(RegistrySettings settings, RegistryPorts ports,
                                   std::stop_token stop)
    : settings_(std::move(settings)), ports_(std::move(ports)), stop_(std::move(stop)) {
  LONGSPAN_ASSERT(!settings_mistake(settings_));
  for (const std::string& url : settings_.urls) {
    urls_.push_back(std::move(parse_registry_url(url)).value());
  }
  if (const auto* const login = std::get_if<OauthLogin>(&settings_.login)) {
    oauth_ = std::make_unique<OauthToken>(*login, *ports_.exchange, *ports_.timing);
  }
}

RegistryResult<RegistryAnswer> RegistryRequests::send(std::string_view method,
                                                      std::string_view path,
                                                      const std::string& body) {
  HttpRequest to_send = request(method, body);
  Tries tries(settings_.retry, urls_.size(), best_url_.load());
  while (true) {
    const std::size_t url = tries.url();
    to_send.url = urls_[url].base + std::string(path);
    Try outcome = try_once(to_send, url);
    if (outcome.is_final) {
      if (outcome.result) best_url_.store(url);
      return std::move(outcome.result);
    }
    const auto asked = parse_retry_after(outcome.retry_after, ports_.timing->wall());
    const auto pause = tries.after_failure(asked, ports_.timing->fraction());
    if (!pause) return std::move(outcome.result);
    if (pause->count() > 0) ports_.timing->pause(*pause, stop_);
    if (stop_.stop_requested()) {
      return RegistryError{Kind::unreachable, 0, 0, "stopped", to_send.method + " " + to_send.url};
    }
  }
}

RegistryRequests::Try RegistryRequests::try_once(const HttpRequest& request, std::size_t url) {
  const std::string where = request.method + " " + request.url;
  auto sent = send_with_login(request, url);
  if (!sent) return {sent.error(), sent.error().kind != Kind::unreachable, {}};
  if (!*sent) {
    const HttpFailure& failure = sent->error();
    return {no_answer(failure, where), !is_retried(failure.kind), {}};
  }
  HttpResponse& response = **sent;
  return {RegistryAnswer{response.status, std::move(response.body), response.location, where},
          !is_retried(response.status), response.retry_after};
}

RegistryResult<RegistryRequests::Sent> RegistryRequests::send_with_login(HttpRequest request,
                                                                         std::size_t url) {
  const auto first = authorization(url);
  if (!first) return first.error();
  const std::size_t at = request.headers.size();
  if (!first->empty()) request.headers.push_back({"Authorization", *first});
  Sent sent = ports_.exchange->send(request);
  if (!oauth_ || !sent || sent->status != 401) return sent;
  oauth_->refuse(first->substr(std::string_view("Bearer ").size()));
  const auto second = authorization(url);
  if (!second) return second.error();
  request.headers[at].value = *second;
  return ports_.exchange->send(request);
}

// The header's value; empty: none.
RegistryResult<std::string> RegistryRequests::authorization(std::size_t url) {
  if (const auto& own = urls_[url].login) return basic(*own);
  if (oauth_) {
    auto token = oauth_->get();
    if (!token) return token.error();
    return "Bearer " + *token;
  }
  if (const auto* const login = std::get_if<BasicLogin>(&settings_.login)) return basic(*login);
  if (const auto* const login = std::get_if<BearerLogin>(&settings_.login)) {
    return "Bearer " + login->token;
  }
  return std::string();
}

HttpRequest RegistryRequests::request(std::string_view method, const std::string& body) const {
  HttpRequest made{std::string(method), {}, {}, body};
  made.headers = {{"Accept", kAccepted},
                  {"User-Agent", "longspan"},
                  {"Confluent-Accept-Unknown-Properties", "true"}};
  if (!body.empty()) made.headers.push_back({"Content-Type", kMedia});
  if (!settings_.logical_cluster.empty()) {
    made.headers.push_back({"target-sr-cluster", settings_.logical_cluster});
  }
  if (!settings_.identity_pool.empty()) {
    made.headers.push_back({"Confluent-Identity-Pool-Id", settings_.identity_pool});
  }
  return made;
}

}  // namespace longspan
