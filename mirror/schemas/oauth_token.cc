#include "mirror/schemas/oauth_token.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "mirror/schemas/registry_url.h"
#include "mirror/schemas/retry.h"

namespace longspan {

namespace {

using Kind = RegistryError::Kind;
using nlohmann::json;

constexpr std::chrono::seconds kLifeUsually{300};  // where the endpoint does not say
constexpr std::chrono::seconds kLifeMax{86'400};
constexpr std::size_t kWordsMax = 200;

std::string text_at(const json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  if (!object.is_object() || found == object.end() || !found->is_string()) return {};
  return found->get<std::string>();
}

// A number, or a number in quotes as some write it.
std::chrono::seconds life_of(const json& object) {
  const auto found = object.find("expires_in");
  std::int64_t seconds = 0;
  if (found != object.end() && found->is_number()) {
    seconds = static_cast<std::int64_t>(std::clamp(found->get<double>(), 0.0, 1e9));
  } else {
    const std::string text = text_at(object, "expires_in");
    std::from_chars(text.data(), text.data() + text.size(), seconds);
  }
  if (seconds <= 0) return kLifeUsually;
  return std::min(std::chrono::seconds(seconds), kLifeMax);
}

bool is_header_text(const std::string& token) {
  return !token.empty() &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

OauthToken::OauthToken(OauthLogin login, Exchange& exchange, Timing& timing)
    : login_(std::move(login)), exchange_(exchange), timing_(timing) {}

RegistryResult<std::string> OauthToken::get() {
  const std::scoped_lock lock(mutex_);
  if (token_ && timing_.steady() < token_->renewed_from) return token_->text;
  auto fresh = renewed();
  if (fresh) {
    token_ = std::move(fresh).value();
    return token_->text;
  }
  if (token_ && timing_.steady() < token_->ends_at) return token_->text;
  token_.reset();
  return fresh.error();
}

void OauthToken::refuse(const std::string& token) {
  const std::scoped_lock lock(mutex_);
  if (token_ && token_->text == token) token_.reset();
}

RegistryResult<OauthToken::Token> OauthToken::renewed() {
  const auto response = exchange_.send(request());
  if (!response) return error(Kind::unreachable, 0, response.error().message);
  return read(*response);
}

HttpRequest OauthToken::request() const {
  std::string body = "grant_type=client_credentials";
  if (!login_.scope.empty()) body += "&scope=" + percent_encoded(login_.scope);
  const std::string user =
      percent_encoded(login_.client_id) + ":" + percent_encoded(login_.client_secret);
  return {"POST",
          login_.token_url,
          {{"Authorization", "Basic " + base64(user)},
           {"Content-Type", "application/x-www-form-urlencoded"},
           {"Accept", "application/json"}},
          body};
}

RegistryResult<OauthToken::Token> OauthToken::read(const HttpResponse& response) const {
  const json body = json::parse(response.body, nullptr, false);
  if (response.status != 200) {
    const std::string words = text_at(body, "error") + " " + text_at(body, "error_description");
    const Kind kind = is_retried(response.status) ? Kind::unreachable : Kind::forbidden;
    return error(kind, response.status,
                 "the token endpoint gives no token: " + words.substr(0, kWordsMax));
  }
  const std::string token = text_at(body, "access_token");
  if (!is_header_text(token)) {
    return error(Kind::unintelligible, 200, "the token endpoint's answer has no access_token");
  }
  const auto now = timing_.steady();
  const auto life = life_of(body);
  return Token{token, now + life * 4 / 5, now + life};
}

RegistryError OauthToken::error(Kind kind, int status, std::string message) const {
  return {kind, status, 0, std::move(message), "POST " + without_login(login_.token_url)};
}

}  // namespace longspan
