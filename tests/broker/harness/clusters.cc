#include "tests/broker/harness/clusters.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>

namespace longspan::harness {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

uint64_t choose_seed() {
  const std::string given = environment("LONGSPAN_SEED");
  return given.empty() ? std::random_device{}() : std::stoull(given);
}

std::filesystem::path make_folder() {
  const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string("longspan-") + info->test_suite_name() + "-" + info->name() + "-" +
                     std::to_string(getpid());
  for (char& c : name) c = c == '/' ? '-' : c;
  auto folder = std::filesystem::temp_directory_path() / name;
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace

std::map<std::string, std::string> read_env_file(const std::filesystem::path& path) {
  std::map<std::string, std::string> values;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto equals = line.find('=');
    if (equals != std::string::npos) values[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return values;
}

std::optional<Clusters> clusters_of(const std::filesystem::path& env_file) {
  auto values = read_env_file(env_file);
  if (values["LONGSPAN_SOURCE_BOOTSTRAP"].empty()) return std::nullopt;
  return Clusters{.source = values["LONGSPAN_SOURCE_BOOTSTRAP"],
                  .target = values["LONGSPAN_TARGET_BOOTSTRAP"],
                  .source_proxy = values["LONGSPAN_SOURCE_PROXY_BOOTSTRAP"],
                  .source_backend = values["LONGSPAN_SOURCE_PROXY_BACKEND"],
                  .target_proxy = values["LONGSPAN_TARGET_PROXY_BOOTSTRAP"],
                  .target_backend = values["LONGSPAN_TARGET_PROXY_BACKEND"],
                  .source_secure = values["LONGSPAN_SOURCE_SECURE_BOOTSTRAP"],
                  .target_secure = values["LONGSPAN_TARGET_SECURE_BOOTSTRAP"],
                  .user = values["LONGSPAN_SECURE_USER"],
                  .password = values["LONGSPAN_SECURE_PASSWORD"]};
}

std::optional<Clusters> find_clusters() {
  return clusters_of(environment("LONGSPAN_CLUSTERS_ENV"));
}

void BrokerTest::SetUp() {
  clusters_ = find_clusters();
  if (!clusters_) {
    const std::string hint = "no clusters: run tests/broker/clusters up, set LONGSPAN_CLUSTERS_ENV";
    if (environment("LONGSPAN_REQUIRE_BROKER") == "1") FAIL() << hint;
    static const bool said [[maybe_unused]] = [&] {
      std::cerr << "SKIPPED: every test on real Kafka (label broker): " << hint << "\n";
      return true;
    }();
    GTEST_SKIP() << hint;
  }
  seed_ = choose_seed();
  std::cout << "LONGSPAN_SEED=" << seed_ << "\n";
  folder_ = make_folder();
}

void BrokerTest::TearDown() {
  if (folder_.empty()) return;
  if (HasFailure()) {
    std::cerr << "files of this test are kept in " << folder_ << "\n";
    return;
  }
  std::filesystem::remove_all(folder_);
}

}  // namespace longspan::harness
