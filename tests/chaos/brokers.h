// tests/chaos/brokers.h - the clusters of one run: a source of three brokers, a target of one, both
// behind a proxy each broker.
//
// Errors:  HarnessError with the script's last words. NoKafka when it says that Kafka cannot be
// had. Threads: one thread. Owns:    the clusters; the destructor kills them and deletes their
// data, not their logs. Source:  tests/broker/clusters, which does the work.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/kafka_handle.h"

namespace longspan::chaos {

inline constexpr int kSourceBrokers = 3;

struct NoKafka : harness::HarnessError {
  using HarnessError::HarnessError;
};

class Brokers {
 public:
  explicit Brokers(std::filesystem::path folder);
  ~Brokers();
  Brokers(const Brokers&) = delete;
  Brokers& operator=(const Brokers&) = delete;

  const harness::Clusters& clusters() const { return clusters_; }
  const std::filesystem::path& folder() const { return folder_; }
  // Fetches the jars of a pom, once on this machine; the folder they are in.
  std::string prepare(const std::string& pom) const;
  // `node` counts from 1.
  void kill_hard(const std::string& cluster, int node);
  void start(const std::string& cluster, int node);  // returns when it answers
  void start_all();                                  // what is dead of either
  void freeze(const std::string& cluster, int node) const;
  void thaw(const std::string& cluster, int node) const;

 private:
  std::string run(const std::vector<std::string>& words) const;  // what the script prints
  void signal(const std::string& cluster, int node, int number) const;

  std::filesystem::path folder_;
  harness::Clusters clusters_;
};

}  // namespace longspan::chaos
