// cli/demo/registries.h - a schema registry of its own in each of the demo's regions.
//
// The source's has every schema that the shop's records were written with, under the ids that they
// carry; the target's is empty, and the mirror fills it.
//
// Errors:  start() says what could not be started, or was refused.
// Threads: see RegistryServer.
// Owns:    both registries and their servers.
#pragma once

#include <memory>
#include <string>

#include "cli/registry/registry_server.h"
#include "lagcalc/result.h"
#include "mirror/schemas/embedded/embedded_registry.h"

namespace longspan::demo {

class Registries {
 public:
  static Result<std::unique_ptr<Registries>> start();

  [[nodiscard]] const std::string& source_url() const { return source_.server->url(); }
  [[nodiscard]] const std::string& target_url() const { return target_.server->url(); }

 private:
  struct Registry {
    embedded::EmbeddedRegistry registry;
    std::unique_ptr<RegistryServer> server;  // before its registry
  };
  Registries() = default;
  Result<void> register_all();
  Result<void> ask(const std::string& method, const std::string& path, const std::string& query,
                   const std::string& body);

  Registry source_;
  Registry target_;
};

}  // namespace longspan::demo
