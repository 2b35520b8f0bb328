// tests/fakes/embedded_exchange.h - a RegistryClient's exchange with an embedded registry, without
// a socket.
//
// Threads: as the registry: any.
// Owns:    nothing; the registry outlives it.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "mirror/schemas/embedded/embedded_registry.h"
#include "mirror/schemas/registry_client.h"

namespace longspan {

class EmbeddedExchange final : public Exchange {
 public:
  explicit EmbeddedExchange(embedded::EmbeddedRegistry& registry) : registry_(registry) {}

  Result<HttpResponse, HttpFailure> send(const HttpRequest& request) override {
    const std::string rest = request.url.substr(request.url.find('/', request.url.find("//") + 2));
    const auto mark = rest.find('?');
    embedded::Request asked;
    asked.method = request.method;
    asked.path = rest.substr(0, mark);
    if (mark != std::string::npos) asked.query = rest.substr(mark + 1);
    asked.body = request.body;
    for (const auto& header : request.headers) {
      if (header.name == "Confluent-Accept-Unknown-Properties") {
        asked.accepts_unknown_properties = true;
      }
    }
    const auto answer = registry_.answer(asked);
    if (answer.drops_connection) {
      return HttpFailure{HttpFailure::Kind::network, "the connection was dropped"};
    }
    return HttpResponse{answer.status, answer.body, "", ""};
  }

 private:
  embedded::EmbeddedRegistry& registry_;
};

// Pauses take no time.
class NoPauses final : public Timing {
 public:
  [[nodiscard]] Steady steady() const override { return {}; }
  [[nodiscard]] Wall wall() const override { return {}; }
  double fraction() override { return 0.5; }
  void pause(std::chrono::milliseconds, const std::stop_token&) override {}
};

inline std::unique_ptr<RegistryClient> client_of(embedded::EmbeddedRegistry& registry) {
  RegistrySettings settings;
  settings.urls = {"http://registry"};
  return std::make_unique<RegistryClient>(
      settings,
      RegistryPorts{std::make_unique<EmbeddedExchange>(registry), std::make_unique<NoPauses>()},
      std::stop_token());
}

}  // namespace longspan
