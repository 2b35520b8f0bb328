// cli/config/client_security.h - TLS stores, SASL mechanisms and JAAS lines, as librdkafka's.
//
// Errors:  into Findings; a JKS store is refused with the command that converts it.
// Threads: free functions.
// Source:  KIP-651 (PEM stores), KIP-768 (OAuth), librdkafka's CONFIGURATION.md.
#pragma once

#include <vector>

#include "cli/config/java_names.h"

namespace longspan {

// Of all settings whose row says `security`.
std::vector<NativeProperty> security_properties(const ClientSettings& settings, Findings& findings);

}  // namespace longspan
