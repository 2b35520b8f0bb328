#include "cli/config/client_security.h"

#include <algorithm>

#include "cli/config/jaas.h"

namespace longspan {
namespace {

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

enum class StoreType : std::uint8_t { pem, pkcs12, jks };

class Translation {
 public:
  Translation(const ClientSettings& settings, Findings& findings)
      : settings_(settings), findings_(findings) {}

  std::vector<NativeProperty> run() {
    protocol();
    sasl();
    truststore();
    keystore();
    identification();
    ciphers();
    return std::move(out_);
  }

 private:
  const Property* find(const std::string& name) const {
    const auto found = settings_.find(name);
    return found == settings_.end() ? nullptr : found->second;
  }

  void put(const std::string& name, const std::string& value, const Property& from) {
    out_.push_back({name, value, &from});
  }
  void put_if(const std::string& java, const std::string& native) {
    if (const Property* p = find(java)) put(native, p->value, *p);
  }
  void refuse(const Property& p, const std::string& what) {
    findings_.error(p.line, (p.secret ? p.key : p.text()) + " " + what);
  }

  void protocol() {
    const Property* p = find("security.protocol");
    if (p == nullptr) return;
    const std::string value = upper(p->value);
    if (value != "PLAINTEXT" && value != "SSL" && value != "SASL_PLAINTEXT" &&
        value != "SASL_SSL") {
      return refuse(*p, "is not one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL");
    }
    put("security.protocol", value, *p);
    const bool by_sasl = value.starts_with("SASL_");
    if (by_sasl && find("sasl.mechanism") == nullptr && find("sasl.mechanisms") == nullptr) {
      refuse(*p,
             "needs sasl.mechanism: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI");
    }
  }

  void sasl() {
    const Property* mechanism = find("sasl.mechanism");
    if (mechanism == nullptr) mechanism = find("sasl.mechanisms");
    if (mechanism != nullptr) {
      if (upper(mechanism->value) == "AWS_MSK_IAM") {
        refuse(*mechanism, "is a Java plug-in; use SCRAM-SHA-512 or TLS certificates with MSK");
      } else {
        put("sasl.mechanism", upper(mechanism->value), *mechanism);
      }
    }
    oauth_settings(mechanism);
    const Property* line = find("sasl.jaas.config");
    if (line == nullptr) return;
    const auto jaas = parse_jaas(line->value);
    if (!jaas) return refuse(*line, jaas.error().what);
    login(*jaas, *line, mechanism == nullptr ? "" : upper(mechanism->value));
  }

  void oauth_settings(const Property* mechanism) {
    const Property* handler = find("sasl.login.callback.handler.class");
    const bool oauth_handler =
        handler != nullptr && (handler->value.ends_with("OAuthBearerLoginCallbackHandler") ||
                               handler->value.ends_with("JaasClientOauthLoginCallbackHandler"));
    if (handler != nullptr && !oauth_handler) {
      refuse(*handler, "cannot be honoured: a Java class cannot be loaded");
    }
    const Property* endpoint = find("sasl.oauthbearer.token.endpoint.url");
    const bool oauth = mechanism != nullptr && upper(mechanism->value) == "OAUTHBEARER";
    if (oauth && find("sasl.oauthbearer.method") == nullptr) {
      put("sasl.oauthbearer.method", "oidc", *mechanism);
    }
    if (endpoint != nullptr) put("sasl.oauthbearer.token.endpoint.url", endpoint->value, *endpoint);
    put_if("sasl.oauthbearer.client.credentials.client.id", "sasl.oauthbearer.client.id");
    put_if("sasl.oauthbearer.client.credentials.client.secret", "sasl.oauthbearer.client.secret");
  }

  void login(const Jaas& jaas, const Property& line, const std::string& mechanism) {
    if (jaas.module == "PlainLoginModule" || jaas.module == "ScramLoginModule") {
      const std::string family = jaas.module == "PlainLoginModule" ? "PLAIN" : "SCRAM-";
      if (!mechanism.starts_with(family)) {
        refuse(line, "logs in by " + std::string(family == "PLAIN" ? "PLAIN" : "SCRAM") +
                         ", but sasl.mechanism is " + (mechanism.empty() ? "not set" : "another"));
      }
      option(jaas, line, {"username"}, "sasl.username");
      option(jaas, line, {"password"}, "sasl.password");
    } else if (jaas.module == "OAuthBearerLoginModule") {
      option(jaas, line, {"clientId", "oauth.client.id"}, "sasl.oauthbearer.client.id");
      option(jaas, line, {"clientSecret", "oauth.client.secret"}, "sasl.oauthbearer.client.secret");
      optional_option(jaas, line, {"scope", "oauth.scope"}, "sasl.oauthbearer.scope");
      optional_option(jaas, line, {"oauth.token.endpoint.uri"},
                      "sasl.oauthbearer.token.endpoint.url");
    } else if (jaas.module == "Krb5LoginModule") {
      optional_option(jaas, line, {"keyTab"}, "sasl.kerberos.keytab");
      optional_option(jaas, line, {"principal"}, "sasl.kerberos.principal");
      optional_option(jaas, line, {"serviceName"}, "sasl.kerberos.service.name");
    } else {
      // Its name is not told: after a missing quote it may hold a piece of the password.
      refuse(line,
             "names a login module that is not PlainLoginModule, ScramLoginModule, "
             "OAuthBearerLoginModule or Krb5LoginModule");
    }
  }

  bool optional_option(const Jaas& jaas, const Property& line,
                       std::initializer_list<std::string_view> names, const std::string& native) {
    for (const std::string_view name : names) {
      const auto found = jaas.options.find(name);
      if (found == jaas.options.end()) continue;
      put(native, found->second, line);
      return true;
    }
    return false;
  }
  void option(const Jaas& jaas, const Property& line, std::initializer_list<std::string_view> names,
              const std::string& native) {
    if (optional_option(jaas, line, names, native)) return;
    if (native.starts_with("sasl.oauthbearer") && elsewhere(native)) return;
    refuse(line, "has no " + std::string(*names.begin()) + "=\"...\"");
  }
  bool elsewhere(const std::string& native) const {
    return std::any_of(out_.begin(), out_.end(), [&](const auto& p) { return p.name == native; });
  }

  // By its type key, else by how the file is called, else Java's default.
  StoreType type_of(const Property& location, const std::string& type_key) {
    const Property* type = find(type_key);
    const std::string word = upper(type == nullptr ? "" : type->value);
    const std::string file = upper(location.value);
    if (word == "PEM") return StoreType::pem;
    if (word == "PKCS12") return StoreType::pkcs12;
    if (!word.empty()) return StoreType::jks;
    if (file.ends_with(".PEM") || file.ends_with(".CRT") || file.ends_with(".CER")) {
      return StoreType::pem;
    }
    return file.ends_with(".P12") || file.ends_with(".PFX") ? StoreType::pkcs12 : StoreType::jks;
  }

  void truststore() {
    put_if("ssl.truststore.certificates", "ssl.ca.pem");
    const Property* location = find("ssl.truststore.location");
    if (location == nullptr) return;
    const std::string shown = location->secret ? "STORE" : location->value;
    switch (type_of(*location, "ssl.truststore.type")) {
      case StoreType::pem:
        return put("ssl.ca.location", location->value, *location);
      case StoreType::pkcs12:
        return refuse(*location,
                      "is a PKCS12 truststore, and OpenSSL wants PEM: openssl pkcs12 -in " + shown +
                          " -nokeys -out ca.pem, then ssl.truststore.type=PEM and "
                          "ssl.truststore.location=ca.pem");
      case StoreType::jks:
        return refuse(
            *location,
            "is a Java keystore (JKS), which only Java reads: keytool -list -rfc -keystore " +
                shown +
                " > ca.pem, then ssl.truststore.type=PEM and "
                "ssl.truststore.location=ca.pem");
    }
  }

  void keystore() {
    put_if("ssl.keystore.certificate.chain", "ssl.certificate.pem");
    put_if("ssl.keystore.key", "ssl.key.pem");
    put_if("ssl.key.password", "ssl.key.password");
    const Property* location = find("ssl.keystore.location");
    if (location == nullptr) return;
    const std::string shown = location->secret ? "STORE" : location->value;
    switch (type_of(*location, "ssl.keystore.type")) {
      case StoreType::pem:
        put("ssl.certificate.location", location->value, *location);
        return put("ssl.key.location", location->value, *location);
      case StoreType::pkcs12:
        put("ssl.keystore.location", location->value, *location);
        return put_if("ssl.keystore.password", "ssl.keystore.password");
      case StoreType::jks:
        return refuse(*location,
                      "is a Java keystore (JKS), which only Java reads: keytool -importkeystore "
                      "-srckeystore " +
                          shown +
                          " -destkeystore client.p12 -deststoretype PKCS12, then "
                          "ssl.keystore.type=PKCS12 and ssl.keystore.location=client.p12");
    }
  }

  void identification() {
    const Property* p = find("ssl.endpoint.identification.algorithm");
    if (p == nullptr) return;
    const std::string value = upper(p->value);
    if (value.empty() || value == "NONE") {
      put("ssl.endpoint.identification.algorithm", "none", *p);
    } else if (value == "HTTPS") {
      put("ssl.endpoint.identification.algorithm", "https", *p);
    } else {
      refuse(*p, "is not https, or empty for no check");
    }
  }

  void ciphers() {
    const Property* p = find("ssl.cipher.suites");
    if (p == nullptr) return;
    if (p->value.find("TLS_") == std::string::npos) return put("ssl.cipher.suites", p->value, *p);
    findings_.warn(p->line, p->key +
                                " is ignored: these are Java's names, OpenSSL's differ "
                                "(ECDHE-RSA-AES256-GCM-SHA384:...)");
  }

  const ClientSettings& settings_;
  Findings& findings_;
  std::vector<NativeProperty> out_;
};

}  // namespace

std::vector<NativeProperty> security_properties(const ClientSettings& settings,
                                                Findings& findings) {
  return Translation(settings, findings).run();
}

}  // namespace longspan
