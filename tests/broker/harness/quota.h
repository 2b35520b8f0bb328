// tests/broker/harness/quota.h - a quota of all clients of a cluster, while it lives.
//
// Units:   as the quota's key says: consumer_byte_rate and producer_byte_rate in bytes a second and
//          broker.
// Errors:  HarnessError when kafka-configs fails; the destructor says so and goes on.
// Threads: one thread.
// Owns:    the quota; it would throttle every test behind this one.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace longspan::harness {

class Quota {
 public:
  Quota(std::string bootstrap, std::string key, int64_t per_second, std::filesystem::path folder);
  ~Quota();
  Quota(const Quota&) = delete;
  Quota& operator=(const Quota&) = delete;

 private:
  void alter(const std::vector<std::string>& how) const;

  std::string bootstrap_;
  std::string key_;
  std::filesystem::path folder_;
};

}  // namespace longspan::harness
