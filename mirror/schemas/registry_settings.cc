#include "mirror/schemas/registry_settings.h"

#include <algorithm>
#include <string_view>

#include "mirror/schemas/registry_url.h"

namespace longspan {

namespace {

Error mistake(std::string what) { return {Next::stop_process, 0, std::move(what), {}}; }

// A header ends where its line does: what is behind would be a header of somebody else's choice.
bool has_controls(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f;
  });
}

std::optional<Error> url_mistake(const std::string& url, bool has_login) {
  const auto parsed = parse_registry_url(url);
  if (!parsed) return parsed.error();
  if (has_login && parsed->login) {
    return mistake(without_login(url) + " has a user of its own, and a login is set, too");
  }
  return {};
}

std::optional<Error> login_mistake(const RegistryLogin& login) {
  if (const auto* const basic = std::get_if<BasicLogin>(&login)) {
    if (basic->user.empty()) return mistake("the registry's login has no user");
    if (basic->user.find(':') != std::string::npos) {
      return mistake("a user name of basic authentication cannot have a colon");
    }
  }
  if (const auto* const bearer = std::get_if<BearerLogin>(&login)) {
    if (bearer->token.empty() || has_controls(bearer->token)) {
      return mistake("the registry's token is empty, or has a line end in it");
    }
  }
  if (const auto* const oauth = std::get_if<OauthLogin>(&login)) {
    if (oauth->client_id.empty()) return mistake("the registry's login has no client id");
    return url_mistake(oauth->token_url.substr(0, oauth->token_url.find('?')), true);
  }
  return {};
}

}  // namespace

std::optional<Error> settings_mistake(const RegistrySettings& settings) {
  if (settings.urls.empty()) return mistake("the registry has no URL");
  const bool has_login = !std::holds_alternative<std::monostate>(settings.login);
  for (const std::string& url : settings.urls) {
    if (auto found = url_mistake(url, has_login)) return found;
  }
  if (has_controls(settings.logical_cluster) || has_controls(settings.identity_pool)) {
    return mistake("the registry's logical cluster or identity pool has a line end in it");
  }
  if (settings.limits.connections_max == 0) return mistake("the registry needs a connection");
  return login_mistake(settings.login);
}

}  // namespace longspan
