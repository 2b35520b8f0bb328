// cli/config/java_names.h - client settings under Kafka's Java names, as librdkafka's.
//
// MM2's files speak Java. A row says what becomes of one Java name: the same, another name, decided
// by longspan, meaningless without a JVM, or impossible. TLS stores and JAAS lines, which need
// several keys at once, are in client_security.h. A name without a row passes through as
// librdkafka's own; the library itself refuses what it does not know.
//
// Errors:  into Findings, with the line of the key.
// Threads: free functions.
// Source:  Kafka's ConsumerConfig, ProducerConfig, AdminClientConfig, SslConfigs, SaslConfigs;
//          librdkafka's CONFIGURATION.md.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config/findings.h"
#include "cli/config/properties.h"

namespace longspan {

enum class ClientRole : std::uint8_t { any, consumer, producer, admin };

enum class JavaFate : std::uint8_t {
  same,       // the same name and meaning
  renamed,    // `native`
  ours,       // decided by longspan: ignored, with the reason unless the value is one of `harmless`
  java_only,  // means nothing without a JVM: ignored, with the reason
  refused,    // impossible, and leaving it out would change what was asked for
  security,   // settled with its neighbours in client_security.h
};

struct JavaName {
  std::string_view java;  // a `*` at the end stands for anything
  ClientRole role;        // any: in every client
  JavaFate fate;
  std::string_view native;
  std::string_view harmless;  // values of `ours` that need no word, separated by blanks
  std::string_view reason;
};

[[nodiscard]] std::span<const JavaName> java_names();
[[nodiscard]] const JavaName* find_java_name(std::string_view name, ClientRole role);

// The settings of one client after scopes are settled: name without scope -> where it stands.
using ClientSettings = std::map<std::string, const Property*>;

struct NativeProperty {
  std::string name;
  std::string value;
  const Property* from = nullptr;  // never null
};

std::vector<NativeProperty> to_native(const ClientSettings& settings, ClientRole role,
                                      Findings& findings);

}  // namespace longspan
