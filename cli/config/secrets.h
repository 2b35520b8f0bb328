// cli/config/secrets.h - ${env:NAME}, ${file:PATH:KEY} and ${dir:PATH:FILE} inside values.
//
// The names env, file and dir always work. Kafka's own way of naming providers works too:
// `config.providers=vault` with `config.providers.vault.class=...FileConfigProvider`. What comes
// out is not expanded again, and its property is marked secret.
//
// Errors:  into Findings with the line; never with a value.
// Threads: free functions; the environment is read through Surroundings.
// Limits:  kPropertiesBytesMax a file.
// Source:  KIP-297, KIP-421; Kafka's ConfigTransformer, FileConfigProvider.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/config/properties.h"

namespace longspan {

// What a configuration asks of the machine; replaced by tests.
struct Surroundings {
  std::function<std::optional<std::string>(const std::string& name)> environment;
  std::function<std::optional<std::string>(const std::string& path)> file;  // absent: unreadable
};
[[nodiscard]] Surroundings real_surroundings();

// Replaces every ${...} in place.
void expand_secrets(std::vector<Property>& properties, const Surroundings& surroundings,
                    Findings& findings);

}  // namespace longspan
