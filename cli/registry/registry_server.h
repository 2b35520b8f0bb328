// cli/registry/registry_server.h - the embedded schema registry over HTTP.
//
//   auto server = RegistryServer::start(registry, {});
//   (*server)->url()  // "http://127.0.0.1:41233"
//
// Connections are kept and serve one request after the other. Every method and path goes to the
// registry as it was sent: only that knows which there are.
//
// Errors:  start() says what to do when the port is taken. A request that cannot be read is a 400.
// Limits:  kRegistryThreads connections are served at once, others wait; kRegistryBodyMax a body.
// Threads: any.
// Owns:    its threads and sockets; stop(), or the destructor, ends them. The registry outlives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "lagcalc/result.h"
#include "mirror/schemas/embedded/embedded_registry.h"

namespace longspan {

inline constexpr std::size_t kRegistryThreads = 32;
inline constexpr std::size_t kRegistryBodyMax = 16 * 1024 * 1024;  // bytes

struct RegistryAccess {
  std::uint16_t port = 0;  // of 127.0.0.1; 0: any free one
  std::string user{};      // empty: anybody may ask
  std::string password{};
};

class RegistryServer {
 public:
  // Serves when it returns.
  static Result<std::unique_ptr<RegistryServer>> start(embedded::EmbeddedRegistry& registry,
                                                       const RegistryAccess& access);
  ~RegistryServer();
  RegistryServer(const RegistryServer&) = delete;
  RegistryServer& operator=(const RegistryServer&) = delete;

  [[nodiscard]] const std::string& url() const;
  void stop();  // may be called again

 private:
  struct Running;
  explicit RegistryServer(std::unique_ptr<Running> running);

  std::unique_ptr<Running> running_;
};

}  // namespace longspan
