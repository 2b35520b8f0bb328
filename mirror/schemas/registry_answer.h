// mirror/schemas/registry_answer.h - what a registry answered, and what it means when it is a no.
//
// Errors:  refusal() and unintelligible() make them; their words are UTF-8 without controls, and
//          bounded.
// Threads: values and free functions.
// Source:  Confluent Schema Registry, rest/exceptions/Errors; Apicurio and AxonOps as seen.
#pragma once

#include <string>
#include <string_view>

#include "mirror/schemas/registry.h"

namespace longspan {

struct RegistryAnswer {
  int status = 0;
  std::string body;
  std::string location;  // of a redirect
  std::string where;     // "GET https://registry:8081/subjects", for errors found in the answer

  [[nodiscard]] bool is_success() const { return status >= 200 && status < 300; }
};

// Subject, version, schema, mode or config: there is none.
[[nodiscard]] bool means_absent(const RegistryAnswer& answer);
// It was soft-deleted before.
[[nodiscard]] bool means_deleted(const RegistryAnswer& answer);

// What a registry says, for people: without controls, and bounded.
[[nodiscard]] std::string registry_words(std::string text);

// Of an answer that is no success: the kind by its status, code and message of its body.
[[nodiscard]] RegistryError refusal(const RegistryAnswer& answer);
// Of an answer that is none of the API's: `why`, and its first 200 characters.
[[nodiscard]] RegistryError unintelligible(const RegistryAnswer& answer, std::string_view why);

}  // namespace longspan
