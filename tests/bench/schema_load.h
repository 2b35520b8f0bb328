// tests/bench/schema_load.h - the schemas that the registries are measured with, and a client that
// counts its requests.
//
// Threads: CountingExchange: any; the others are free functions.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "mirror/schemas/http_exchange.h"
#include "mirror/schemas/registry_client.h"

namespace longspan::bench {

struct SchemaLoad {
  int subjects = 10'000;
  int versions = 3;
};

// "sales.region-7.orders-00042-value"
[[nodiscard]] Subject subject_of(int number);
// An Avro record of 20 fields, and of one with a default more in each version; about 2 KB.
[[nodiscard]] RegisteredSchema version_of(const SchemaLoad& load, int subject, int version);

class CountingExchange final : public Exchange {
 public:
  CountingExchange(std::unique_ptr<Exchange> other, std::atomic<std::size_t>& count)
      : other_(std::move(other)), count_(count) {}

  Result<HttpResponse, HttpFailure> send(const HttpRequest& request) override {
    ++count_;
    return other_->send(request);
  }

 private:
  const std::unique_ptr<Exchange> other_;
  std::atomic<std::size_t>& count_;
};

[[nodiscard]] std::unique_ptr<RegistryClient> client_of(const std::string& url,
                                                        std::atomic<std::size_t>& count);

}  // namespace longspan::bench
