#include "cli/config/secrets.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

namespace longspan {
namespace {

enum class Provider : std::uint8_t { environment, file, directory };

using Providers = std::map<std::string, Provider, std::less<>>;

std::optional<Provider> provider_of_class(std::string_view name) {
  name = name.substr(name.rfind('.') + 1);
  if (name == "EnvVarConfigProvider") return Provider::environment;
  if (name == "FileConfigProvider") return Provider::file;
  if (name == "DirectoryConfigProvider") return Provider::directory;
  return std::nullopt;
}

// env, file, dir, and what config.providers.NAME.class names; unknown classes become errors only
// where they are used.
Providers known_providers(const std::vector<Property>& properties) {
  Providers providers{
      {"env", Provider::environment}, {"file", Provider::file}, {"dir", Provider::directory}};
  constexpr std::string_view kPrefix = "config.providers.";
  constexpr std::string_view kSuffix = ".class";
  for (const Property& p : properties) {
    if (!p.key.starts_with(kPrefix) || !p.key.ends_with(kSuffix)) continue;
    if (p.key.size() <= kPrefix.size() + kSuffix.size()) continue;
    const auto kind = provider_of_class(p.value);
    const std::string name =
        p.key.substr(kPrefix.size(), p.key.size() - kPrefix.size() - kSuffix.size());
    if (kind) providers[name] = *kind;
  }
  return providers;
}

class Expander {
 public:
  Expander(Providers providers, const Surroundings& surroundings, Findings& findings)
      : providers_(std::move(providers)), surroundings_(surroundings), findings_(findings) {}

  void expand(Property& property) {
    std::string out;
    std::size_t at = 0;
    for (;;) {
      const std::size_t start = property.value.find("${", at);
      const std::size_t end = property.value.find('}', start);
      if (start == std::string::npos || end == std::string::npos) break;
      out += property.value.substr(at, start - at);
      const std::string inner = property.value.substr(start + 2, end - start - 2);
      if (inner.find(':') == std::string::npos) {  // as in Kafka: without a colon it is just text
        out += property.value.substr(start, end - start + 1);
      } else {
        out += resolved(property, inner).value_or("");
        property.secret = true;
      }
      at = end + 1;
    }
    if (at > 0) property.value = out + property.value.substr(at);
  }

 private:
  std::optional<std::string> refuse(const Property& property, const std::string& what) {
    findings_.error(property.line, property.key + ": " + what);
    return std::nullopt;
  }

  // `inner` is what stands between ${ and }.
  std::optional<std::string> resolved(const Property& property, const std::string& inner) {
    const std::string name = inner.substr(0, inner.find(':'));
    const std::string rest = inner.substr(name.size() + 1);
    const auto provider = providers_.find(name);
    if (provider == providers_.end()) {
      return refuse(property, "${" + name +
                                  ":...} is no known provider: env, file, dir, or a "
                                  "config.providers." +
                                  name + ".class of Kafka's own three");
    }
    if (provider->second == Provider::environment) return variable(property, rest);
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == rest.size()) {
      return refuse(property,
                    "${" + inner + "} needs a path and a name: ${" + name + ":PATH:NAME}");
    }
    const std::string path = rest.substr(0, colon);
    const std::string key = rest.substr(colon + 1);
    return provider->second == Provider::file ? from_file(property, path, key)
                                              : from_directory(property, path, key);
  }

  std::optional<std::string> variable(const Property& property, std::string name) {
    if (name.starts_with(':')) name.erase(0, 1);  // ${env::NAME}: an empty path
    auto value = surroundings_.environment(name);
    if (!value) return refuse(property, "the environment variable " + name + " is not set");
    return std::string(trimmed(*value));
  }

  std::optional<std::string> from_file(const Property& property, const std::string& path,
                                       const std::string& key) {
    const auto text = surroundings_.file(path);
    if (!text) return refuse(property, "cannot read " + path + ", needed for " + key);
    Findings inside(path);
    for (const Property& p : parse_properties(*text, inside)) {
      if (p.key == key) return p.value;
    }
    if (inside.failed()) return refuse(property, inside.errors().front());
    return refuse(property, path + " has no key " + key);
  }

  std::optional<std::string> from_directory(const Property& property, const std::string& path,
                                            const std::string& name) {
    if (name.find('/') != std::string::npos) return refuse(property, name + " is not a file name");
    const auto text = surroundings_.file(path + "/" + name);
    if (!text) return refuse(property, "cannot read " + path + "/" + name);
    return std::string(trimmed(*text));
  }

  Providers providers_;
  const Surroundings& surroundings_;
  Findings& findings_;
};

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(kPropertiesBytesMax + 1, '\0');  // one more than allowed: too large is seen
  if (!in || !(in.read(text.data(), static_cast<std::streamsize>(text.size())) || in.eof())) {
    return std::nullopt;
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

Surroundings real_surroundings() {
  return {[](const std::string& name) -> std::optional<std::string> {
            const char* value = std::getenv(name.c_str());
            return value == nullptr ? std::nullopt : std::optional<std::string>(value);
          },
          read_file};
}

void expand_secrets(std::vector<Property>& properties, const Surroundings& surroundings,
                    Findings& findings) {
  Expander expander(known_providers(properties), surroundings, findings);
  for (Property& property : properties) expander.expand(property);
}

}  // namespace longspan
