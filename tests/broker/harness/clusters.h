// tests/broker/harness/clusters.h - where the real clusters of this run are, and the fixture that
// needs them.
//
// Errors:  no clusters: the test is skipped with one loud line, or fails when
// LONGSPAN_REQUIRE_BROKER=1. Threads: read once per test, plain data. Source:  the env file that
// `tests/broker/clusters up` writes; LONGSPAN_CLUSTERS_ENV names it.

#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace longspan::harness {

struct Clusters {
  std::string source;  // bootstrap, host:port
  std::string target;
  std::string source_proxy;    // what a proxy must listen on; empty without a proxy listener
  std::string source_backend;  // what that proxy must connect to
  std::string target_proxy;    // the same of the target
  std::string target_backend;
  std::string source_secure;  // SCRAM-SHA-256 and ACLs; empty without --secure
  std::string target_secure;
  std::string user;  // known on the secure listeners
  std::string password;
};

// The lines NAME=VALUE of an env file; empty when it cannot be read.
std::map<std::string, std::string> read_env_file(const std::filesystem::path& path);
// Nothing when the file names no clusters.
std::optional<Clusters> clusters_of(const std::filesystem::path& env_file);
std::optional<Clusters> find_clusters();

// Every broker test derives from it. Each test has a folder of its own for files and logs; it stays
// when the test fails and is removed when it passes.
class BrokerTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  const Clusters& clusters() const { return *clusters_; }
  const std::filesystem::path& folder() const { return folder_; }
  // LONGSPAN_SEED, or a random one; printed in either case.
  uint64_t seed() const { return seed_; }

 private:
  std::optional<Clusters> clusters_;
  std::filesystem::path folder_;
  uint64_t seed_ = 0;
};

}  // namespace longspan::harness
