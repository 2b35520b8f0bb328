#include "cli/config/registries.h"

#include <utility>

#include "cli/config/setting.h"

namespace longspan {
namespace {

class RegistryBuilder {
 public:
  RegistryBuilder(PropertySet& properties, std::string prefix, Findings& findings)
      : properties_(properties), prefix_(std::move(prefix)), findings_(findings) {}

  RegistrySettings build() {
    RegistrySettings out;
    out.urls = get("url").list();
    out.login = login();
    out.logical_cluster = text("bearer.auth.logical.cluster");
    out.identity_pool = text("bearer.auth.identity.pool.id");
    out.tls.ca_file = pem_file("ssl.truststore.location");
    out.tls.certificate_file = pem_file("ssl.keystore.location");
    out.tls.key_password = text("ssl.key.password");
    out.limits.total_timeout = std::chrono::milliseconds(get("request.timeout.ms").number());
    out.topic = text("topic");
    check(out);
    return out;
  }

 private:
  void check(const RegistrySettings& settings) {
    if (settings.urls.empty()) return;
    const auto mistake = settings_mistake(settings);
    if (mistake) findings_.error(get("url").line(), get("url").from->key + ": " + mistake->what);
  }

  Setting get(std::string_view key) {
    return look_up(properties_, prefix_, "schema.registry." + std::string(key), findings_);
  }

  std::string text(std::string_view key) { return get(key).text(); }

  [[nodiscard]] std::string key(std::string_view name) const {
    return prefix_ + "schema.registry." + std::string(name);
  }

  // One way to log in; more than one is a slip.
  RegistryLogin login() {
    const Setting basic = get("basic.auth.user.info");
    const Setting token = get("bearer.auth.token");
    const Setting issuer = get("bearer.auth.issuer.endpoint.url");
    RegistryLogin out = oauth(issuer);
    int ways = issuer.from != nullptr ? 1 : 0;
    if (token.from != nullptr && ++ways > 0) out = BearerLogin{token.text()};
    if (basic.from != nullptr && ++ways > 0) out = basic_login(basic);
    if (ways > 1) {
      findings_.error((basic.from != nullptr ? basic : token).line(),
                      "more than one login: keep one of " + key("basic.auth.user.info") + ", " +
                          key("bearer.auth.token") + " and " +
                          key("bearer.auth.issuer.endpoint.url"));
    }
    return out;
  }

  RegistryLogin oauth(const Setting& issuer) {
    OauthLogin out{issuer.text(), text("bearer.auth.client.id"), text("bearer.auth.client.secret"),
                   text("bearer.auth.scope")};
    if (issuer.from == nullptr) return {};
    if (out.client_id.empty() || out.client_secret.empty()) {
      findings_.error(issuer.line(), issuer.from->key + " needs " + key("bearer.auth.client.id") +
                                         " and " + key("bearer.auth.client.secret"));
    }
    return out;
  }

  RegistryLogin basic_login(const Setting& basic) {
    const std::string& info = basic.text();
    const auto colon = info.find(':');
    if (colon == std::string::npos) {
      findings_.error(basic.line(), basic.from->key + " is not USER:PASSWORD");
      return {};
    }
    return BasicLogin{info.substr(0, colon), info.substr(colon + 1)};
  }

  std::string pem_file(std::string_view key) {
    const Setting setting = get(key);
    const std::string& path = setting.text();
    if (path.ends_with(".jks") || path.ends_with(".p12")) {
      findings_.error(setting.line(), setting.from->text() +
                                          " is a Java store: longspan reads PEM (keytool "
                                          "-exportcert -rfc, or openssl pkcs12 -nodes)");
    }
    return path;
  }

  PropertySet& properties_;
  std::string prefix_;
  Findings& findings_;
};

NamePatterns patterns(PropertySet& properties, const std::string& flow, std::string_view key,
                      Findings& findings) {
  const Setting setting = look_up(properties, flow, key, findings);
  auto compiled = NamePatterns::make(setting.list(), key);
  if (compiled) return std::move(*compiled);
  findings.error(setting.line(), compiled.error().text());
  return {};
}

}  // namespace

RegistrySettings build_registry(PropertySet& properties, const std::string& alias,
                                Findings& findings) {
  return RegistryBuilder(properties, alias + ".", findings).build();
}

SubjectConfig build_subjects(PropertySet& properties, const std::string& flow, Findings& findings) {
  SubjectConfig out;
  out.subjects = patterns(properties, flow, "schema.subjects", findings);
  out.subjects_exclude = patterns(properties, flow, "schema.subjects.exclude", findings);
  out.contexts = patterns(properties, flow, "schema.contexts", findings);
  const Setting rename = look_up(properties, flow, "schema.subject.rename", findings);
  out.rename = rename.text() == "none" ? SubjectRename::none : SubjectRename::policy;
  const bool is_held = look_up(properties, flow, "schema.incompatible", findings).text() == "hold";
  out.on_incompatible = is_held ? OnIncompatible::hold : OnIncompatible::warn;
  const Setting context = look_up(properties, flow, "schema.target.context", findings);
  out.target_context = context.text();
  const bool is_context = out.target_context.empty() || out.target_context.starts_with('.');
  if (!is_context || out.target_context.find(':') != std::string::npos) {
    findings.error(context.line(), context.from->text() + " is no context: they begin with a dot");
  }
  return out;
}

}  // namespace longspan
