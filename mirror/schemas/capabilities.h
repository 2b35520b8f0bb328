// mirror/schemas/capabilities.h - what a registry can do, as far as reading tells.
//
// Whether an import keeps its id no read can tell: Apicurio answers 200 and gives another one.
//
// Errors:  probe_capabilities(): the registry's, where not even its subjects can be listed. A call
//          that it does not have is an answer.
// Limits:  six requests.
// Threads: a free function; waits.
// Source:  Confluent, Karapace and Redpanda: their source; Apicurio 3.0 and AxonOps 0.2: as seen.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mirror/schemas/registry.h"
#include "mirror/schemas/registry_requests.h"

namespace longspan {

struct Capabilities {
  std::string product;  // a guess: Confluent, Karapace, Apicurio, AxonOps, Redpanda; empty: none
  bool has_contexts = false;
  bool has_modes = false;             // can be asked for; setting one may still be refused
  bool has_users = false;             // Registry::users()
  std::vector<std::string> types;     // of schemas, as it lists them; empty: does not
  std::vector<std::string> contexts;  // as it lists them
  std::size_t subjects = 0;           // of the default listing, without deleted ones

  // One line, for people.
  [[nodiscard]] std::string text() const;
};

[[nodiscard]] RegistryResult<Capabilities> probe_capabilities(RegistryRequests& requests);

}  // namespace longspan
