// mirror/schemas/embedded/embedded_registry.h - a schema registry in memory, as strict as
// Confluent's.
//
//   EmbeddedRegistry registry;
//   registry.answer({.method = "PUT", .path = "/mode/orders-value", .query = "force=true",
//                    .body = R"({"mode":"IMPORT"})"});
//
// Contexts, subjects, versions, ids per context, references, soft and permanent deletes, modes,
// configs, compatibility of Avro, metadata and rule sets, GUIDs: by Confluent's rules and with its
// error codes, so that a mirror that passes here passes there. Faults make it answer like others
// (faults.h). Not here: time stamps, tags, aliases, normalisation (accepted and ignored), rules of
// JSON and PROTOBUF compatibility, listing by GUID; README.md.
//
// Errors:  the answer; answer() does not throw.
// Threads: any number of callers at once; one mutex, held as long as a call runs. A delay that a
//          fault asks for is the transport's to wait.
// Limits:  kJsonNestingMax; everything is kept in memory until it is deleted for good.
// Source:  Confluent Schema Registry 8: rest/resources, AbstractSchemaRegistry, InMemoryCache.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "lagcalc/result.h"
#include "mirror/schemas/embedded/request.h"

namespace longspan::embedded {

struct RegistryState;

class EmbeddedRegistry {
 public:
  EmbeddedRegistry();
  ~EmbeddedRegistry();
  EmbeddedRegistry(const EmbeddedRegistry&) = delete;
  EmbeddedRegistry& operator=(const EmbeddedRegistry&) = delete;

  // "slow=250", "no_import"; the error says which word is none.
  Result<void, std::string> set_faults(std::span<const std::string> words);
  Answer answer(const Request& request);

 private:
  struct Guarded;
  std::unique_ptr<Guarded> guarded_;
};

// The words of faults with their meanings, for help: a line each.
[[nodiscard]] std::string faults_text();

}  // namespace longspan::embedded
